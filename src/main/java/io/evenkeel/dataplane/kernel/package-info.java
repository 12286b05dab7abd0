/**
 * Job: the kernel plane: a BPF program that forwards, the maps it reads, and what it counted.
 * May use: dataplane, model, schedule, linux.
 * Owner thread: the director's, and ek-netlink for the ways to realservers; counters may be read from any.
 * Entry type: {@link io.evenkeel.dataplane.kernel.KernelPlane}.
 * Source: src/main/bpf/abi.h; bpf(2), the kernel's Documentation/bpf.
 */
@NullMarked
package io.evenkeel.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
