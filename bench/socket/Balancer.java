import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What can stand between clients and realservers. */
sealed interface Balancer permits Balancer.None, Balancer.Nginx, Balancer.PlainC, Evenkeel {
    Balancer NONE = new None();
    Balancer EVENKEEL = new Evenkeel();
    Balancer NGINX = new Nginx("nginx", false);
    Balancer NGINX_PER_DATAGRAM = new Nginx("nginx per datagram", true);
    Balancer NGINX_PER_FLOW = new Nginx("nginx per flow", false);
    Balancer PLAIN_C = new PlainC();

    /** What the service carries. {@code ONE_WAY} and {@code TWO_WAY} are UDP with no reply and one reply a datagram. */
    enum Service {
        ONE_WAY,
        TWO_WAY,
        TCP;

        String protocol() {
            return this == TCP ? "tcp" : "udp";
        }
    }

    String title();

    /** Whether every datagram (or connection) takes its own turn, so that the split must be exact. */
    boolean dealsExactly();

    /** Starts it and returns when it serves. */
    Running start(Site site, Service service, Path work) throws IOException, InterruptedException;

    /** The bench's own traffic straight to the realservers: the ceiling that generator and sink set. */
    record None() implements Balancer {
        @Override
        public String title() {
            return "none (ceiling)";
        }

        @Override
        public boolean dealsExactly() {
            return false;
        }

        @Override
        public Running start(Site site, Service service, Path work) {
            return new Running(Site.realservers(), Optional.empty(), Optional::empty);
        }
    }

    /**
     * nginx's stream module, one worker per processor, each with its own listening socket.
     *
     * @param perDatagram one session a datagram ({@code proxy_requests 1}), else one a client socket
     */
    record Nginx(String title, boolean perDatagram) implements Balancer {
        private static final int WORKER_FILES = 65_536;

        @Override
        public boolean dealsExactly() {
            return false; // every worker has a rotation of its own
        }

        @Override
        public Running start(Site site, Service service, Path work) throws IOException, InterruptedException {
            Path configuration = work.resolve("nginx.conf");
            Files.writeString(configuration, configuration(site, service, work));
            List<String> command =
                    List.of("nginx", "-p", work.toString(), "-e", "error.log", "-c", configuration.toString());
            Children.Child nginx = site.children().startBalancer(command, work, work.resolve("nginx.log"));
            nginx.await("listening", 10, () -> listens(service));
            return new Running(Site.vip(), Optional.of(nginx), Optional::empty);
        }

        private static boolean listens(Service service) {
            try {
                return Proc.isBound(service.protocol(), Site.VIP);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private String configuration(Site site, Service service, Path work) {
            Path module = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");
            boolean root = "root".equals(System.getProperty("user.name"));
            return """
                    %s
                    daemon off;
                    pid nginx.pid;
                    error_log error.log error;
                    worker_processes %d;
                    %s
                    events { worker_connections 32768; }
                    stream {
                        upstream realservers {
                    %s
                        }
                        server {
                            listen %s %s;
                            proxy_pass realservers;
                            %s
                        }
                    }
                    """.formatted(
                            Files.exists(module) ? "load_module " + module + ";" : "",
                            site.workers(),
                            root ? "worker_rlimit_nofile " + WORKER_FILES + ";" : "",
                            Site.eachRealserver("        server %s:%d max_fails=0;"),
                            Site.vip(),
                            service == Service.TCP ? "reuseport backlog=4096" : "udp reuseport rcvbuf=4m",
                            sessions(service));
        }

        private String sessions(Service service) {
            if (!perDatagram) {
                return "proxy_timeout 10s;";
            }
            int responses = service == Service.TWO_WAY ? 1 : 0;
            return "proxy_requests 1; proxy_responses " + responses + "; proxy_timeout 10s;";
        }
    }

    /** recvmmsg 64, sendmmsg 64, a shared turn, and nothing else: see tools/udp-forward.c. One-way. */
    record PlainC() implements Balancer {
        @Override
        public String title() {
            return "plain C";
        }

        @Override
        public boolean dealsExactly() {
            return true;
        }

        @Override
        public Running start(Site site, Service service, Path work) throws IOException {
            if (service != Service.ONE_WAY) {
                throw new IllegalArgumentException("the plain C forwarder is one-way");
            }
            List<String> command = List.of(
                    site.tool("udp-forward").toString(),
                    "--listen",
                    Site.vip(),
                    "--to",
                    Site.realservers(),
                    "--workers",
                    String.valueOf(site.workers()));
            Children.Child forwarder = site.children().startTool(command, work.resolve("forward.log"));
            forwarder.answer();
            return new Running(Site.vip(), Optional.of(forwarder), Optional::empty);
        }
    }
}
