/**
 * Job: the kernel plane: compiles forwarding tables into the maps of a BPF program, and reads what that counted.
 * May use: dataplane, model, schedule, linux.
 * Owner thread: the director's, which alone writes configuration maps; counters may be read from any.
 * Entry type: {@link io.evenkeel.dataplane.kernel.TableHalf}.
 * Source: bpf(2), src/main/bpf.
 */
@NullMarked
package io.evenkeel.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
