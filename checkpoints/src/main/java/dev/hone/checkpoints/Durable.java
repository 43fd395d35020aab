package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Files that survive a crash: synced to the disk before they take their name, and the name synced after. */
final class Durable {

    /** What fills a new file. */
    interface Filling {
        void fill(FileChannel channel) throws IOException;
    }

    private Durable() {}

    /** Writes {@code file} whole or not at all. */
    static void write(Path file, Filling filling) {
        Path temporary = file.resolveSibling(".tmp-" + file.getFileName());
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                filling.fill(channel);
                channel.force(true);
            }
            move(temporary, file);
        } catch (IOException e) {
            CheckpointException failure = CheckpointException.writing(file, e);
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException leftOver) {
                failure.addSuppressed(leftOver);
            }
            throw failure;
        }
    }

    /** Renames atomically, and syncs the directory that holds the new name. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(to.toAbsolutePath().resolveSibling(""));
    }

    /** Forces a file or directory to the disk. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a directory and all in it, if it is there. */
    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
