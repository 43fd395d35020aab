package dev.hone.datasets.sources;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.hone.datasets.pairs.Lines;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Comma- or tab-separated values (RFC 4180) under a line of names. The bytes are parsed as they are, one a character,
 * and each field is then read as UTF-8: so a field that is not UTF-8 spoils its row alone.
 */
final class CsvRows implements Rows {
    private final CsvReader<CsvRecord> reader;
    private final Iterator<CsvRecord> records;
    private final List<String> names;
    private long line;

    CsvRows(InputStream in, char separator) throws IOException {
        this.reader = CsvReader.builder()
                .fieldSeparator(separator)
                .maxBufferSize(Lines.LONGEST)
                .skipEmptyLines(true)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
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

    @Override
    public @Nullable Row next() throws IOException {
        CsvRecord record = record();
        if (record == null) {
            return null;
        }
        line = record.getStartingLineNumber();
        if (record.getFieldCount() != names.size()) {
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
        } catch (CsvParseException e) {
            throw new IOException("not valid CSV (" + e.getMessage() + ")", e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
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
