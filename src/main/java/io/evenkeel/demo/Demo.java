package io.evenkeel.demo;

/** To be built. */
public final class Demo {
    private Demo() {}
}
