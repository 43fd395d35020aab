package dev.hone.datasets.pairs;

import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text, as bytes: a line that is not UTF-8, or absurdly long, spoils neither the ones around it nor their
 * numbers. A line ends with a line feed, which a carriage return may precede.
 */
public final class Lines implements Closeable {
    /** Longest line taken into memory, in bytes. */
    public static final int LONGEST = 64 << 20;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final char REPLACEMENT = '\uFFFD';

    /**
     * One line.
     *
     * @param number from 1
     * @param bytes without the line's end; of a line longer than {@link #LONGEST} only the beginning
     * @param whole false where the line was too long
     */
    public record Line(long number, byte[] bytes, boolean whole) {
        /** @throws MalformedPair where the line is too long or not UTF-8 */
        public String text() {
            if (!whole) {
                throw new MalformedPair(
                        Kind.LENGTH, "longer than %d MiB; split it or remove it".formatted(LONGEST >> 20));
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            // The mark of a fault may also stand in the text itself.
            if (text.indexOf(REPLACEMENT) >= 0) {
                try {
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                } catch (CharacterCodingException e) {
                    throw new MalformedPair(Kind.ENCODING, "not UTF-8; save the file as UTF-8");
                }
            }
            return text;
        }
    }

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int position;
    private int limit;
    private long number;

    /** @param in closed with this */
    public Lines(InputStream in) {
        this.in = in;
    }

    /** The next line; null at the end. */
    public @Nullable Line next() throws IOException {
        line.reset();
        boolean begun = false;
        boolean whole = true;
        while (true) {
            if (position == limit) {
                limit = Math.max(0, in.read(buffer));
                position = 0;
                if (limit == 0) {
                    return begun ? line(line.toByteArray(), whole) : null;
                }
            }
            begun = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            int length = Math.min(end - position, LONGEST - line.size());
            whole &= length == end - position;
            line.write(buffer, position, length);
            position = end;
            if (end < limit) {
                position++;
                return line(line.toByteArray(), whole);
            }
        }
    }

    private Line line(byte[] bytes, boolean whole) {
        number++;
        boolean marked = number == 1
                && bytes.length >= BYTE_ORDER_MARK.length
                && Arrays.equals(bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
        int start = marked ? BYTE_ORDER_MARK.length : 0;
        int end = bytes.length > start && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        return new Line(
                number, start == 0 && end == bytes.length ? bytes : Arrays.copyOfRange(bytes, start, end), whole);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
