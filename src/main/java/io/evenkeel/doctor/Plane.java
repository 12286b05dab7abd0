package io.evenkeel.doctor;

/** Which data plane a hazard concerns. */
public enum Plane {
    KERNEL,
    SOCKET
}
