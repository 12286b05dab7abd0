package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every structure and constant of this room agrees with the C compiler of the machine. */
class NativeLayoutTest {

    private static final String HEADERS = """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <stddef.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <sched.h>
            #include <poll.h>
            #include <sys/epoll.h>
            #include <sys/eventfd.h>
            #include <sys/resource.h>
            #include <sys/socket.h>
            #include <sys/uio.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <linux/errqueue.h>
            #include <linux/sock_diag.h>
            #include <linux/netlink.h>
            #include <linux/rtnetlink.h>
            #include <linux/neighbour.h>
            #include <linux/if_addr.h>
            #include <linux/if_link.h>
            #include <linux/if.h>
            #include <linux/if_arp.h>
            #include <linux/net_namespace.h>
            #include <linux/pkt_cls.h>
            #include <linux/sockios.h>
            #include <linux/ethtool.h>
            #include <linux/genetlink.h>
            #ifndef UDP_SEGMENT
            #define UDP_SEGMENT 103
            #endif
            #ifndef UDP_GRO
            #define UDP_GRO 104
            #endif
            #ifndef SOL_UDP
            #define SOL_UDP 17
            #endif
            """;

    @TempDir
    Path directory;

    @Test
    void structuresAndConstantsAreTheCompilers() throws Exception {
        Map<String, Long> ours = new TreeMap<>();
        for (StructLayout struct : structs()) describe(struct, ours);
        constants(ours);
        assertThat(ours).hasSizeGreaterThan(120);

        Map<String, Long> compilers =
                CompilerFacts.of(HEADERS, ours.keySet().stream().toList(), directory);

        assertThat(ours).isEqualTo(compilers);
    }

    private static List<StructLayout> structs() throws IllegalAccessException {
        List<StructLayout> all = new ArrayList<>();
        for (Field field : Layouts.class.getDeclaredFields()) {
            if (StructLayout.class.isAssignableFrom(field.getType())) all.add((StructLayout) field.get(null));
        }
        return all;
    }

    private static void describe(StructLayout struct, Map<String, Long> into) {
        String name = struct.name().orElseThrow();
        into.put("sizeof(" + name + ")", struct.byteSize());
        for (MemoryLayout member : struct.memberLayouts()) {
            if (member.name().isEmpty()) continue;
            String field = member.name().get();
            into.put("offsetof(" + name + ", " + field + ")", Layouts.offset(struct, field));
            into.put("sizeof(((" + name + " *)0)->" + field + ")", member.byteSize());
        }
    }

    /** Public int constants whose names are C's own. */
    private static void constants(Map<String, Long> into) throws IllegalAccessException {
        for (Class<?> type :
                List.of(Sockets.class, StreamSockets.class, Errno.class, Rtnetlink.class, EthtoolNumbers.class)) {
            for (Field field : type.getDeclaredFields()) {
                int wanted = Modifier.PUBLIC | Modifier.STATIC | Modifier.FINAL;
                if (field.getType() == int.class && field.getModifiers() == wanted) {
                    into.put(field.getName(), (long) field.getInt(null));
                }
            }
        }
        into.put("AF_INET", (long) SocketAddress.AF_INET);
        into.put("AF_INET6", (long) SocketAddress.AF_INET6);
        Map<String, Integer> epoll = new LinkedHashMap<>();
        epoll.put("EPOLLIN", Epoll.IN);
        epoll.put("EPOLLOUT", Epoll.OUT);
        epoll.put("EPOLLERR", Epoll.ERR);
        epoll.put("EPOLLHUP", Epoll.HUP);
        epoll.put("EPOLLRDHUP", Epoll.RDHUP);
        epoll.put("(int) EPOLLONESHOT", Epoll.ONESHOT);
        epoll.put("(int) EPOLLET", Epoll.EDGE);
        epoll.put("SO_EE_ORIGIN_LOCAL", ControlMessages.ORIGIN_LOCAL);
        epoll.put("SO_EE_ORIGIN_ICMP", ControlMessages.ORIGIN_ICMP);
        epoll.put("SO_EE_ORIGIN_ICMP6", ControlMessages.ORIGIN_ICMP6);
        epoll.put("SK_MEMINFO_DROPS", 8);
        epoll.put("SK_MEMINFO_VARS", 9);
        epoll.put("RLIMIT_NOFILE", 7);
        epoll.put("EFD_NONBLOCK | EFD_CLOEXEC", 0x80800);
        epoll.put("EPOLL_CLOEXEC", 0x80000);
        epoll.put("O_NONBLOCK | O_CLOEXEC", 0x80800);
        epoll.put("F_SETPIPE_SZ", 1031);
        epoll.put("SPLICE_F_MOVE | SPLICE_F_NONBLOCK", 3);
        epoll.put("offsetof(struct tcp_info, tcpi_state)", 0);
        epoll.put("sizeof(struct rtvia)", 2);
        epoll.put("CLONE_NEWNET", 0x40000000);
        epoll.put("NUD_INCOMPLETE", Neighbour.INCOMPLETE);
        epoll.put("NUD_REACHABLE", Neighbour.REACHABLE);
        epoll.put("NUD_STALE", Neighbour.STALE);
        epoll.put("NUD_DELAY", Neighbour.DELAY);
        epoll.put("NUD_PROBE", Neighbour.PROBE);
        epoll.put("NUD_FAILED", Neighbour.FAILED);
        epoll.put("NUD_NOARP", Neighbour.NOARP);
        epoll.put("NUD_PERMANENT", Neighbour.PERMANENT);
        epoll.put("RT_SCOPE_LINK", Address.SCOPE_LINK);
        epoll.put("RT_SCOPE_HOST", Address.SCOPE_HOST);
        epoll.put("IFA_F_NODAD", Address.NODAD);
        epoll.put("IFA_F_DADFAILED", Address.DUPLICATE);
        epoll.put("IFA_F_TENTATIVE", Address.TENTATIVE);
        epoll.put("IFA_F_NOPREFIXROUTE", Address.NO_PREFIX_ROUTE);
        epoll.forEach((name, value) -> into.put(name, (long) value));
    }
}
