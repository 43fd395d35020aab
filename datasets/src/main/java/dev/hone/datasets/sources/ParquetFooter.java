package dev.hone.datasets.sources;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/** The end of a Parquet file, which says what its columns are: metadata, its length in four bytes, {@code PAR1}. */
final class ParquetFooter {
    private static final int TAIL = 8;
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    private static final Set<ConvertedType> TEXTS =
            EnumSet.of(ConvertedType.UTF8, ConvertedType.ENUM, ConvertedType.JSON);

    private ParquetFooter() {}

    /**
     * Copies a file, its texts declared to be bytes. The data is the same; only readers no longer ask that it be UTF-8.
     *
     * @throws IOException where it cannot be written, or the footer is none
     */
    static void copyWithTextAsBytes(Path from, Path to) throws IOException {
        copyWithSchema(from, to, ParquetFooter::asBytes);
    }

    /** Copies a file, its columns declared otherwise. */
    static void copyWithSchema(Path from, Path to, Consumer<SchemaElement> change) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel file = FileChannel.open(to, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer tail = read(file, file.size() - TAIL, TAIL);
            long start = file.size() - TAIL - tail.getInt(0);
            FileMetaData metadata = Util.readFileMetaData(
                    new ByteArrayInputStream(read(file, start, tail.getInt(0)).array()));
            metadata.getSchema().forEach(change);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            Util.writeFileMetaData(metadata, written);
            file.truncate(start);
            file.position(start);
            write(file, ByteBuffer.wrap(written.toByteArray()));
            write(
                    file,
                    ByteBuffer.allocate(TAIL)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(written.size())
                            .put(MAGIC)
                            .flip());
        }
    }

    private static void asBytes(SchemaElement element) {
        LogicalType type = element.getLogicalType();
        if (TEXTS.contains(element.getConverted_type())
                || (type != null && (type.isSetSTRING() || type.isSetENUM() || type.isSetJSON()))) {
            element.unsetConverted_type();
            element.unsetLogicalType();
        }
    }

    private static ByteBuffer read(FileChannel file, long start, int length) throws IOException {
        if (start < 0 || length < 0) {
            throw new IOException("no Parquet footer");
        }
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, start + buffer.position()) < 0) {
                throw new IOException("no Parquet footer");
            }
        }
        return buffer.flip();
    }

    private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
