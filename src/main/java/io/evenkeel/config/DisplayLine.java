package io.evenkeel.config;

/**
 * A source line as a terminal can show it: tabs as blanks, control characters and bad bytes as visible signs, and where
 * each character of the source went. Pure; any thread.
 */
final class DisplayLine {

    private static final int TAB = 8;

    private final StringBuilder text = new StringBuilder();
    private final int[] columns;
    private int width;

    /** @param source code points from here */
    DisplayLine(String source) {
        int[] points = source.codePoints().toArray();
        columns = new int[points.length + 1];
        for (int i = 0; i < points.length; i++) {
            columns[i] = width;
            append(points[i]);
        }
        columns[points.length] = width;
    }

    String text() {
        return text.toString();
    }

    /** Cells before the code point at {@code index}; the whole width behind the last one. */
    int column(int index) {
        return columns[Math.clamp(index, 0, columns.length - 1)];
    }

    private void append(int point) {
        if (point == '\t') {
            int blanks = TAB - width % TAB;
            text.repeat(' ', blanks);
            width += blanks;
        } else if (point < ' ') {
            text.append((char) (0x2400 + point)); // the control pictures of Unicode
            width++;
        } else if (Character.getType(point) == Character.SURROGATE || Character.isISOControl(point)) {
            text.append('\ufffd');
            width++;
        } else {
            text.appendCodePoint(point);
            width += cells(point);
        }
    }

    /** Cells that a terminal gives to {@code point}: 0 for marks that stand on another, 2 for wide ones. */
    private static int cells(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT)
            return 0;
        boolean wide = (point >= 0x1100 && point <= 0x115f)
                || (point >= 0x2e80 && point <= 0xa4cf)
                || (point >= 0xac00 && point <= 0xd7a3)
                || (point >= 0xf900 && point <= 0xfaff)
                || (point >= 0xfe30 && point <= 0xfe6f)
                || (point >= 0xff00 && point <= 0xff60)
                || (point >= 0x1f300 && point <= 0x1faff)
                || (point >= 0x20000 && point <= 0x3fffd);
        return wide ? 2 : 1;
    }
}
