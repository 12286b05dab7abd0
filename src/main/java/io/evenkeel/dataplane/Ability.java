package io.evenkeel.dataplane;

/** What a plane may not have learnt yet: each refused by name where a configuration asks for it, never done by halves. */
public enum Ability {
    IPV6("IPv6"),
    TCP("TCP"),
    ANY_DESTINATION("a virtual service on any address or any port"),
    FLOWS("a UDP service without ops"),
    OTHER_SCHEDULERS("a scheduler other than rr and wrr"),
    PERSISTENCE("persistence_timeout"),
    PROXY_PROTOCOL("proxy_protocol"),
    THRESHOLDS("uthreshold"),
    SHARED_ENDPOINTS("a realserver that serves two virtual services on one port");

    private final String words;

    Ability(String words) {
        this.words = words;
    }

    /** As a refusal names it. */
    public String words() {
        return words;
    }
}
