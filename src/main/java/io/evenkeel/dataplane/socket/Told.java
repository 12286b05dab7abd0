package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.Explanation;

/**
 * What one worker answers to a question. Immutable.
 *
 * @param hasClient it has a flow or a connection of this client, so it is the one that the kernel gives the packet to
 */
record Told(boolean hasClient, Explanation explanation) {}
