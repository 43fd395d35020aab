package dev.hone.trainer.hub;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Pulls repositories of the Hugging Face Hub into the local cache. */
public final class Hub {
    /** Connections at once: one seldom fills a line. */
    private static final int CONNECTIONS = 8;

    /** Bytes of a part: smaller ones cost requests, larger ones more to fetch again after a stop. */
    private static final int CHUNK = 16 << 20;

    /** How long a connection may bring nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a model's repository holds beside the weights hone reads: other frameworks' and pickled ones. */
    private static final List<String> NOT_FOR_US = List.of(
            "*.bin",
            "*.pt",
            "*.pth",
            "*.ckpt",
            "*.h5",
            "*.msgpack",
            "*.onnx",
            "*.onnx_data",
            "*.ot",
            "*.gguf",
            "*.tflite",
            "onnx/**",
            "openvino/**",
            "coreml/**",
            "original/**",
            "metal/**");

    private final HubSettings settings;
    private final HubClient client;
    private final int chunkBytes;

    /** The snapshot of a repository that was fetched earlier; asks nobody. */
    public static Optional<Path> inCache(Repository repository) {
        HubSettings settings = HubSettings.ofEnvironment();
        try {
            return snapshot(repository, new HubCache(settings.cache(), repository));
        } catch (IOException e) {
            throw new UserError(
                    settings.cache() + ": cannot be read (" + UserError.reason(e) + "); choose another by HF_HOME", e);
        }
    }

    private static Optional<Path> snapshot(Repository repository, HubCache cache) throws IOException {
        return cache.commit(repository.revision()).map(cache::snapshot).filter(Files::isDirectory);
    }

    public Hub(HubSettings settings) {
        this(settings, Duration.ofSeconds(1), PATIENCE, CHUNK);
    }

    Hub(HubSettings settings, Duration firstWait, Duration patience, int chunkBytes) {
        this.settings = settings;
        this.chunkBytes = chunkBytes;
        this.client = new HubClient(settings, firstWait, patience);
    }

    /**
     * Makes sure that a repository is in the cache.
     *
     * @param include patterns of the files wanted; empty takes all, of a model all that hone can use
     * @return the folder of its snapshot
     * @throws UserError where it cannot be had, or the cache cannot be written
     */
    public Path pull(Repository repository, List<String> include, PullProgress progress) {
        HubCache cache = new HubCache(settings.cache(), repository);
        try {
            if (settings.offline()) {
                return cached(repository, cache);
            }
            HubClient.Listing listing = client.list(repository);
            List<HubFile> files = listing.files().stream()
                    .filter(file -> isWanted(repository, file, include))
                    .toList();
            if (files.isEmpty()) {
                throw new UserError(repository + " has none of the files asked for, of "
                        + listing.files().size() + "; correct --include");
            }
            fetch(repository, listing.commit(), files, cache, progress);
            for (HubFile file : files) {
                cache.link(listing.commit(), file);
            }
            cache.remember(repository.revision(), listing.commit());
            return cache.snapshot(listing.commit());
        } catch (IOException e) {
            throw new UserError(
                    settings.cache() + ": cannot be written (" + e
                            + "); choose a writable folder with space left by HF_HOME",
                    e);
        }
    }

    private Path cached(Repository repository, HubCache cache) throws IOException {
        return snapshot(repository, cache)
                .orElseThrow(() -> new UserError(repository + " is not in the cache " + settings.cache()
                        + " and HF_HUB_OFFLINE forbids to fetch it; unset that, or set HF_HOME to where it lies"));
    }

    private void fetch(Repository repository, String commit, List<HubFile> files, HubCache cache, PullProgress progress)
            throws IOException {
        List<HubFile> missing =
                files.stream().filter(file -> !Files.exists(cache.blob(file))).toList();
        long bytes = missing.stream().mapToLong(HubFile::size).sum();
        progress.planned(bytes);
        Files.createDirectories(settings.cache());
        long room = Files.getFileStore(settings.cache()).getUsableSpace();
        if (bytes > room) {
            throw new UserError("%s needs %d MiB and %s has %d MiB left; free some, or set HF_HOME to another disk"
                    .formatted(repository, bytes >> 20, settings.cache(), room >> 20));
        }
        ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS, task -> {
            Thread thread = new Thread(task, "hub");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (HubFile file : missing) {
                boolean right = false;
                for (int tries = 0; tries < 2 && !right; tries++) {
                    right = fetch(repository, commit, file, cache, connections, progress);
                }
                if (!right) {
                    throw new UserError(file.path() + " of " + repository
                            + ": what arrives does not have the hash the Hub names; try later, or another HF_ENDPOINT");
                }
            }
        } finally {
            connections.shutdownNow();
        }
    }

    /** Returns whether what arrived has the right hash. */
    private boolean fetch(
            Repository repository,
            String commit,
            HubFile file,
            HubCache cache,
            ExecutorService connections,
            PullProgress progress)
            throws IOException {
        try (BlobDownload download = new BlobDownload(file, cache.blob(file), cache.lock(file), chunkBytes)) {
            if (Files.exists(cache.blob(file))) {
                return true;
            }
            List<Future<?>> chunks = new ArrayList<>();
            for (int i = 0; i < download.chunks(); i++) {
                int chunk = i;
                long end = download.end(chunk);
                if (download.has(chunk)) {
                    progress.fetched(end - download.start(chunk));
                    continue;
                }
                chunks.add(connections.submit(() -> {
                    client.fetch(
                            repository,
                            commit,
                            file,
                            download.start(chunk),
                            end,
                            (body, from) -> download.receive(body, from, end, progress));
                    download.finish(chunk);
                    return chunk;
                }));
            }
            await(chunks);
            return download.complete();
        }
    }

    private static void await(List<Future<?>> chunks) throws IOException {
        try {
            for (Future<?> chunk : chunks) {
                chunk.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("Interrupted; start again to go on");
        } finally {
            chunks.forEach(chunk -> chunk.cancel(true));
        }
    }

    private static boolean isWanted(Repository repository, HubFile file, List<String> include) {
        if (!include.isEmpty()) {
            return include.stream().anyMatch(pattern -> matches(pattern, file));
        }
        return repository.kind() == Repository.Kind.DATASET
                || NOT_FOR_US.stream().noneMatch(pattern -> matches(pattern, file));
    }

    /** A pattern without a slash is about the name alone. */
    private static boolean matches(String pattern, HubFile file) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        Path path = Path.of(file.path());
        return matcher.matches(pattern.contains("/") ? path : path.getFileName());
    }
}
