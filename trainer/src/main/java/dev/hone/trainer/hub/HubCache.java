package dev.hone.trainer.hub;

import dev.hone.datasets.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;

/**
 * One repository in the cache, laid out as Python's huggingface_hub does: {@code blobs/<hash>}, {@code refs/<revision>}
 * with a commit in it, {@code snapshots/<commit>/<path>} as links to blobs.
 */
final class HubCache {
    private final Path folder;
    private final Path locks;

    HubCache(Path cache, Repository repository) {
        this.folder = cache.resolve(repository.folder());
        this.locks = cache.resolve(".locks").resolve(repository.folder());
    }

    Path lock(HubFile file) {
        return locks.resolve(file.hash() + ".lock");
    }

    Path blob(HubFile file) {
        return folder.resolve("blobs").resolve(file.hash());
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** The commit that a revision was when it was last fetched. */
    Optional<String> commit(String revision) throws IOException {
        if (Files.isDirectory(snapshot(revision))) {
            return Optional.of(revision);
        }
        try {
            return Optional.of(
                    Files.readString(ref(revision), StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Remembers what a branch or tag is; a commit is only itself. */
    void remember(String revision, String commit) throws IOException {
        if (revision.equals(commit)) {
            return;
        }
        try (WholeFile ref = new WholeFile(ref(revision))) {
            ref.stream().write(commit.getBytes(StandardCharsets.UTF_8));
            ref.keep();
        }
    }

    /** Makes a blob that is there a file of a snapshot. */
    void link(String commit, HubFile file) throws IOException {
        Path link = snapshot(commit).resolve(file.path());
        Path parent = Objects.requireNonNull(link.getParent());
        Path blob = blob(file);
        if (Files.exists(link)) {
            return;
        }
        Files.createDirectories(parent);
        // One that dangles.
        Files.deleteIfExists(link);
        try {
            Files.createSymbolicLink(link, parent.relativize(blob));
        } catch (FileAlreadyExistsException e) {
            // Another process was faster.
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(blob, link, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path ref(String revision) {
        return folder.resolve("refs").resolve(revision);
    }
}
