/**
 * Job: the kernel and libc through the foreign function interface; the only user of Linker, SymbolLookup and reinterpret.
 * May use: nothing.
 * Owner thread: none of its own; each class says which thread may call it.
 * Entry type: {@link io.evenkeel.linux.Libc}.
 * Source: Linux man-pages section 2 and 7; layouts are checked against the C compiler by a test.
 */
@NullMarked
package io.evenkeel.linux;

import org.jspecify.annotations.NullMarked;
