package io.evenkeel.dataplane;

/** What a plane may not have learnt yet: each refused by name where a configuration asks for it, never done by halves. */
public enum Ability {
    ANY_DESTINATION("a virtual service on any address or any port"),
    PROXY_PROTOCOL("proxy_protocol");

    private final String words;

    Ability(String words) {
        this.words = words;
    }

    /** As a refusal names it. */
    public String words() {
        return words;
    }
}
