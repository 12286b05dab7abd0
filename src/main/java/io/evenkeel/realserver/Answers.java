package io.evenkeel.realserver;

/**
 * Where UDP answers of one port left from, to clients that had asked a VIP. Immutable.
 *
 * @param fromVip from the VIP that was asked
 * @param mended from elsewhere, and rewritten to leave from the VIP
 * @param fromElsewhere from another address: the client does not know them
 */
public record Answers(long fromVip, long mended, long fromElsewhere) {}
