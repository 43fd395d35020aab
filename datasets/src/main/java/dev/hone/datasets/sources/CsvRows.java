package dev.hone.datasets.sources;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.hone.datasets.pairs.Lines;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Comma- or tab-separated values (RFC 4180) under a line of names. The bytes are parsed as they are, one a character,
 * and each field is then read as UTF-8: so a field that is not UTF-8 spoils its row alone. Where quotes are wrong, the line
 * that the row begins at is given up and reading goes on after it.
 */
final class CsvRows implements Rows {
    private static final Pattern START = Pattern.compile("record starting at line (\\d+)");

    /** Each costs another reading of the file up to there. */
    private static final int MOST_RESTARTS = 1000;

    /** Bytes kept of a line that is given up. */
    private static final int KEPT = 1 << 20;

    private final Source source;
    private final char separator;
    private final List<String> names;
    private CsvReader<CsvRecord> reader;
    private Iterator<CsvRecord> records;
    private long skipped;
    private long line;
    private int restarts;

    /** Opens the file again, at its beginning. */
    interface Source {
        InputStream open() throws IOException;
    }

    CsvRows(Source source, char separator) throws IOException {
        this.source = source;
        this.separator = separator;
        this.reader = reader(source.open());
        this.records = reader.iterator();
        CsvRecord head = record();
        if (head == null) {
            throw new IOException("empty; its first line must name the columns");
        }
        try {
            this.names = head.getFields().stream()
                    .map(name -> utf8(name).replace("\uFEFF", "").strip())
                    .toList();
        } catch (UncheckedIOException e) {
            throw new IOException("the first line is not UTF-8", e);
        }
    }

    private CsvReader<CsvRecord> reader(InputStream in) {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .maxBufferSize(Lines.LONGEST)
                .skipEmptyLines(true)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
    }

    @Override
    public @Nullable Row next() throws IOException {
        CsvRecord record;
        try {
            record = record();
        } catch (CsvParseException e) {
            Matcher start = START.matcher(String.valueOf(e.getMessage()));
            if (!start.find()) {
                throw new IOException("not valid CSV (" + e.getMessage() + ")", e);
            }
            line = skipped + Long.parseLong(start.group(1));
            String fault = String.valueOf(e.getMessage()).replaceAll("\\s*\\(record starting.*", "");
            return restarted("not valid CSV (" + fault + "); close its quotes, and double those within a field");
        }
        if (record == null) {
            return null;
        }
        line = skipped + record.getStartingLineNumber();
        if (record.getFieldCount() != names.size()) {
            boolean isToTheEnd = record.getFields().stream().anyMatch(field -> field.indexOf('\n') >= 0);
            if (isToTheEnd && !records.hasNext()) {
                return restarted("opens a quote that nothing closes; close it");
            }
            String fault =
                    "has %d columns, not the %d of the first line; quote fields that hold separators or line ends"
                            .formatted(record.getFieldCount(), names.size());
            return Row.malformed(line, new MalformedPair(Kind.COLUMNS, fault), text(record));
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < names.size(); i++) {
            String field = record.getField(i);
            try {
                object.put(names.get(i), utf8(field));
            } catch (UncheckedIOException e) {
                return Row.malformed(
                        line, new MalformedPair(Kind.ENCODING, "not UTF-8; save the file as UTF-8"), text(record));
            }
        }
        return Row.of(line, object, text(record));
    }

    private @Nullable CsvRecord record() throws IOException {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Gives up the line where a row begins, and reads on after it. */
    private Row restarted(String fault) throws IOException {
        if (++restarts > MOST_RESTARTS) {
            throw new IOException(MOST_RESTARTS + " rows before are not valid CSV");
        }
        reader.close();
        InputStream in = source.open();
        ByteArrayOutputStream bad = new ByteArrayOutputStream();
        for (long passed = 0; passed < line; ) {
            int c = in.read();
            if (c < 0) {
                break;
            }
            if (c == '\n') {
                passed++;
            } else if (passed == line - 1 && bad.size() < KEPT) {
                bad.write(c);
            }
        }
        skipped = line;
        reader = reader(in);
        records = reader.iterator();
        return Row.malformed(line, new MalformedPair(Kind.SYNTAX, fault), bad.toString(StandardCharsets.UTF_8));
    }

    private static String utf8(String latin) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(latin.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(CsvRecord record) {
        String text = String.join(",", record.getFields());
        return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
