/**
 * Job: the kernel plane: what it needs of a machine, its BPF object, and the records it shares with it.
 * May use: dataplane, model, schedule, linux.
 * Owner thread: none of its own yet; each class says which thread may call it.
 * Entry type: {@link io.evenkeel.dataplane.kernel.KernelObject}.
 * Source: src/main/bpf/layout.h; bpf(2), the kernel's Documentation/bpf.
 */
@NullMarked
package io.evenkeel.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
