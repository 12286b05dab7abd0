package io.evenkeel.linux;

/** The kernel or libbpf refused something of BPF; the message is for an operator, with what was asked and the way out. */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BpfException(String message) {
        super(message);
    }
}
