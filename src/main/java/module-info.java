/** Evenkeel: a layer-4 load balancer in one program. The rooms are packages; ARCHITECTURE.md draws the arrows. */
module io.evenkeel {
    requires info.picocli;
    requires jdk.unsupported; // sun.misc.Signal, in daemon.Signals only
    requires org.slf4j;
    requires tools.jackson.databind;
    requires static org.jspecify;

    opens io.evenkeel.api to
            tools.jackson.databind;
    opens io.evenkeel.demo to
            tools.jackson.databind;
    opens io.evenkeel.cli to
            info.picocli,
            tools.jackson.databind;
}
