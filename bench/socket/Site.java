import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where a bench runs: folders, and the addresses, all in 127.0.0.0/8.
 *
 * @param repository the checkout that holds the {@code evenkeel} launcher
 * @param out everything the bench writes goes below this folder
 * @param workers how many workers each peer gets
 */
record Site(Path repository, Path out, int workers, Children children) {
    static final InetSocketAddress VIP = new InetSocketAddress("127.66.0.1", 20514);
    static final String CLIENTS = "127.66.2.1";
    private static final String REALSERVER_ADDRESS = "127.66.1.1";
    private static final List<Integer> REALSERVER_PORTS = List.of(20601, 20602, 20603);

    Path tool(String name) {
        return out.resolve("tools").resolve(name);
    }

    static String vip() {
        return VIP.getAddress().getHostAddress() + ":" + VIP.getPort();
    }

    /** All realservers in the form the tools take: address:port,port,port. */
    static String realservers() {
        return REALSERVER_ADDRESS + ":"
                + REALSERVER_PORTS.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** One line for each realserver, made from a pattern for its address and its port. */
    static String eachRealserver(String pattern) {
        return REALSERVER_PORTS.stream()
                .map(port -> pattern.formatted(REALSERVER_ADDRESS, port))
                .collect(Collectors.joining("\n"));
    }
}
