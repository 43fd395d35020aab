package dev.hone.datasets.sources;

import com.github.luben.zstd.ZstdInputStream;
import dev.hone.datasets.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** What a file is, by the end of its name. */
enum FileFormat {
    JSON,
    CSV,
    TSV,
    PARQUET;

    private static final int BUFFER = 1 << 16;

    /** @throws UserError where the name ends in nothing known */
    static FileFormat of(Path file) {
        String name = uncompressed(file);
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json")) {
            return JSON;
        }
        if (name.endsWith(".csv")) {
            return CSV;
        }
        if (name.endsWith(".tsv")) {
            return TSV;
        }
        if (name.endsWith(".parquet")) {
            return PARQUET;
        }
        if (Files.isDirectory(file)) {
            throw new UserError(file + " is a folder; name its files, such as " + file + "/*.jsonl");
        }
        throw new UserError(file + ": unknown kind of file; its name must end in .jsonl, .json, .csv, .tsv (each also"
                + " with .gz or .zst after it) or .parquet");
    }

    /** The file's name without its endings: {@code train} of {@code train.jsonl.gz}. */
    static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, uncompressed(file).length())
                .replaceFirst("(?i)\\.(jsonl|ndjson|json|csv|tsv|parquet)$", "");
    }

    static Rows open(Path file) throws IOException {
        return switch (of(file)) {
            case JSON -> JsonRows.open(decompressed(file));
            case CSV -> new CsvRows(() -> decompressed(file), ',');
            case TSV -> new CsvRows(() -> decompressed(file), '\t');
            case PARQUET -> new ParquetRows(file);
        };
    }

    private static String uncompressed(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
    }

    private static InputStream decompressed(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".gz")) {
                return new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
            }
            return new BufferedInputStream(name.endsWith(".zst") ? new ZstdInputStream(in) : in, BUFFER);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
