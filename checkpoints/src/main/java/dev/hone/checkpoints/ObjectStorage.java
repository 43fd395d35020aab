package dev.hone.checkpoints;

import java.nio.file.Path;
import java.util.List;

/**
 * Files under keys, somewhere else. Each appears whole or not at all. All methods throw {@link CheckpointException} with
 * one sentence where the storage cannot be used.
 */
public interface ObjectStorage extends AutoCloseable {

    /**
     * A file there.
     *
     * @param key with slashes, relative to what this storage is opened at
     */
    record Stored(String key, long bytes) {}

    /** Whether a text is the address of one, not a path; S3's protocol is the one that is spoken. */
    static boolean isAddress(String text) {
        return text.startsWith("s3://");
    }

    /** What this storage is opened at, for people. */
    String name();

    /** All files whose keys start so, sorted by key. */
    List<Stored> list(String prefix);

    void put(String key, Path file);

    /** Writes a file there into {@code to}, which is made or replaced. */
    void get(String key, Path to);

    /** Deletes a file; one that is not there is deleted already. */
    void delete(String key);

    @Override
    void close();
}
