package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.PairJson;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a Parquet file, streamed through DuckDB; nested values arrive as JSON. */
final class ParquetRows implements Rows {
    private static final String MEMORY_LIMIT = "512MB";

    /** Columns of numbers may hold NaN and infinities, which DuckDB writes as they are. */
    private static final JsonMapper JSON = PairJson.mapper()
            .rebuild()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final Connection connection;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private long row;

    ParquetRows(Path file) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        properties.setProperty("memory_limit", MEMORY_LIMIT);
        properties.setProperty("threads", "1");
        // What a file names is read from disk and nowhere else, and no extension is fetched.
        properties.setProperty("autoinstall_known_extensions", "false");
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:", properties);
            try {
                statement = connection.prepareStatement("SELECT to_json(row)::VARCHAR FROM read_parquet(?) AS row");
                statement.setString(1, file.toAbsolutePath().toString());
                rows = statement.executeQuery();
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    @Override
    public @Nullable Row next() throws IOException {
        String text;
        try {
            if (!rows.next()) {
                return null;
            }
            row++;
            text = rows.getString(1);
        } catch (SQLException e) {
            throw unreadable(e);
        }
        try {
            return Row.of(row, PairJson.object(text, JSON), text);
        } catch (MalformedPair e) {
            return Row.malformed(row, e, text);
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
        try (Connection all = connection;
                Statement first = statement;
                ResultSet second = rows) {
            row = Math.max(row, 0);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
