package io.evenkeel.linux;

/** The numbers of linux/ethtool.h and genetlink.h that this room uses, under their names there; a test holds them to C's. */
final class EthtoolNumbers {
    private EthtoolNumbers() {}

    public static final int SIOCETHTOOL = 0x8946;
    public static final int ETHTOOL_GDRVINFO = 0x03;
    public static final int ETHTOOL_GSTRINGS = 0x1b;
    public static final int ETHTOOL_GRXFH = 0x29;
    public static final int ETHTOOL_GSSET_INFO = 0x37;
    public static final int ETHTOOL_GFEATURES = 0x3a;
    public static final int ETHTOOL_GCHANNELS = 0x3c;
    public static final int ETH_SS_FEATURES = 4;
    public static final int ETH_GSTRING_LEN = 32;
    public static final int UDP_V4_FLOW = 0x02;
    public static final int RXH_L4_B_0_1 = 1 << 6;
    public static final int RXH_L4_B_2_3 = 1 << 7;

    public static final int NETLINK_GENERIC = 16;
    public static final int GENL_ID_CTRL = 0x10;
    public static final int CTRL_CMD_GETFAMILY = 3;
    public static final int CTRL_ATTR_FAMILY_ID = 1;
    public static final int CTRL_ATTR_FAMILY_NAME = 2;
}
