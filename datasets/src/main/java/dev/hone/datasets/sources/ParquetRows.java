package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.PairJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows of a Parquet file, streamed through DuckDB; nested values arrive as JSON. DuckDB refuses a whole file for one
 * text that is not UTF-8: from there on a copy is read whose texts are bytes, so that only that row is refused.
 */
final class ParquetRows implements Rows {
    private static final String MEMORY_LIMIT = "512MB";

    /** Columns of numbers may hold NaN and infinities, which DuckDB writes as they are. */
    private static final JsonMapper JSON = PairJson.mapper()
            .rebuild()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final Path file;
    private final Connection connection;
    private @Nullable PreparedStatement statement;
    private @Nullable ResultSet rows;
    private @Nullable Path bytes;
    private long row;

    ParquetRows(Path file) throws IOException {
        this.file = file;
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        properties.setProperty("memory_limit", MEMORY_LIMIT);
        properties.setProperty("threads", "1");
        // What a file names is read from disk and nowhere else, and no extension is fetched.
        properties.setProperty("autoinstall_known_extensions", "false");
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        } catch (SQLException e) {
            throw unreadable(e);
        }
        try {
            query(file);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Reads on, after the rows already read. */
    private void query(Path from) throws IOException {
        try {
            statement = connection.prepareStatement(
                    "SELECT to_json(row)::VARCHAR FROM read_parquet(?) AS row OFFSET " + row);
            statement.setString(1, from.toAbsolutePath().toString());
            rows = statement.executeQuery();
        } catch (SQLException e) {
            recover(e);
        }
    }

    private void recover(SQLException e) throws IOException {
        if (bytes != null || !String.valueOf(e.getMessage()).contains("Invalid string encoding")) {
            throw unreadable(e);
        }
        bytes = Files.createTempFile("hone-", ".parquet");
        ParquetFooter.copyWithTextAsBytes(file, bytes);
        query(bytes);
    }

    @Override
    public @Nullable Row next() throws IOException {
        String text = text();
        if (text == null) {
            return null;
        }
        row++;
        try {
            return bytes == null
                    ? Row.of(row, PairJson.object(text, JSON), text)
                    : BlobTexts.row(row, PairJson.object(text, JSON));
        } catch (MalformedPair e) {
            return Row.malformed(row, e, text);
        }
    }

    private @Nullable String text() throws IOException {
        try {
            return rows != null && rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            recover(e);
            return text();
        }
    }

    private static IOException unreadable(SQLException e) {
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new IOException("not readable as Parquet (" + first + ")", e);
    }

    @Override
    public long line() {
        return row;
    }

    @Override
    public void close() throws IOException {
        try {
            // Statements and results end with it.
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            if (bytes != null) {
                Files.deleteIfExists(bytes);
            }
        }
    }
}
