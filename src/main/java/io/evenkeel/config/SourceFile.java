package io.evenkeel.config;

import io.evenkeel.model.Position;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * One file as text, in lines. A byte that is not UTF-8 stands in the text as the lone surrogate U+DC00 + byte, so that
 * nothing is lost and the place can be named; everything after a NUL byte is cut off. Immutable; any thread.
 *
 * @param name as the user would type it
 * @param directory where its relative includes are looked up
 * @param lines without their line feeds; joined with line feeds they are the text
 * @param includedFrom the include statements that led here, innermost first
 * @param nul the text was cut at a NUL byte
 */
record SourceFile(String name, Path directory, List<String> lines, List<Position> includedFrom, boolean nul) {

    /** A configuration beyond this is refused: it is a mistake (a disk image, a log). */
    static final int MAX_BYTES = 16 << 20;

    private static final int BAD_BYTE = 0xdc00;

    /** @param text as {@link #decode} makes it of bytes */
    static SourceFile of(String name, Path directory, String text, List<Position> includedFrom) {
        int nul = text.indexOf('\0');
        return new SourceFile(
                name,
                directory,
                List.of((nul < 0 ? text : text.substring(0, nul)).split("\n", -1)),
                List.copyOf(includedFrom),
                nul >= 0);
    }

    /** A byte that is not UTF-8, as {@link #decode} marks it. */
    static boolean isBadByte(char c) {
        return c >= BAD_BYTE + 0x80 && c <= BAD_BYTE + 0xff;
    }

    /** The bytes that {@code text} came from. */
    static byte[] encode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            boolean pair = i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
            if (!isBadByte(text.charAt(i)) || pair) continue;
            bytes.writeBytes(text.substring(from, i).getBytes(StandardCharsets.UTF_8));
            bytes.write(text.charAt(i) - BAD_BYTE);
            from = i + 1;
        }
        bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** The text of {@code bytes}; nothing is lost. */
    static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) return out.flip().toString();
            for (int i = 0; i < result.length(); i++) out.put((char) (BAD_BYTE + (in.get() & 0xff)));
        }
    }

    /** Two files are the same text only if they are the same reading of it. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
