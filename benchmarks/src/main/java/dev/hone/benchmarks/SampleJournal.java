package dev.hone.benchmarks;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The samples of an evaluation under way, beside the file they will be in: {@code <file>.partial}. Each problem is
 * written, and synced, when its attempts are graded; an evaluation that was killed goes on with the others. The first
 * line says of which evaluation it is, so that answers of another model or protocol are never mixed in.
 */
public final class SampleJournal implements AutoCloseable {

    /** How the names of journals end. */
    public static final String SUFFIX = ".partial";

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonMapper SORTED = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final Path file;
    private final String evaluation;
    private final FileChannel channel;
    private final Map<String, List<Sample>> done = new LinkedHashMap<>();

    private SampleJournal(Path file, String evaluation, FileChannel channel) {
        this.file = file;
        this.evaluation = evaluation;
        this.channel = channel;
    }

    /**
     * Opens the journal of {@code samplesJsonl}, or begins it.
     *
     * @param model what answers, such that another is called otherwise
     * @throws UserError where it is of another evaluation, in use, or cannot be written
     */
    static SampleJournal open(Path samplesJsonl, Benchmark benchmark, Protocol protocol, String model) {
        return open(samplesJsonl, benchmark, protocol, model, false);
    }

    /** The same, but begun anew where it is of another evaluation. */
    public static SampleJournal openOrBegin(Path samplesJsonl, Benchmark benchmark, Protocol protocol, String model) {
        return open(samplesJsonl, benchmark, protocol, model, true);
    }

    private static SampleJournal open(
            Path samplesJsonl, Benchmark benchmark, Protocol protocol, String model, boolean orBegin) {
        Path file = file(samplesJsonl);
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                requireAlone(file, channel);
                SampleJournal journal = new SampleJournal(file, evaluation(benchmark, protocol, model), channel);
                journal.read(model, protocol.attempts(), orBegin);
                return journal;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static void requireAlone(Path file, FileChannel channel) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new UserError(file + " is in use by another evaluation; wait for it, or choose another --output");
        }
    }

    private static Path file(Path samplesJsonl) {
        return samplesJsonl.resolveSibling(samplesJsonl.getFileName() + SUFFIX);
    }

    /** Whether an evaluation of these samples is under way, or was when it was killed. */
    static boolean isThere(Path samplesJsonl) {
        return Files.exists(file(samplesJsonl));
    }

    private void read(String model, int attempts, boolean orBegin) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        // What follows the last line's end was being written when the process was killed.
        int whole = bytes.length;
        while (whole > 0 && bytes[whole - 1] != '\n') {
            whole--;
        }
        if (orBegin && !isOf(evaluation, bytes, whole)) {
            whole = 0;
        }
        channel.truncate(whole);
        channel.position(whole);
        if (whole == 0) {
            append(JSON.writeValueAsString(Map.of("evaluation", evaluation, "model", model)) + "\n");
            return;
        }
        List<String> lines =
                new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList();
        Map<String, List<Sample>> read = new LinkedHashMap<>();
        try {
            JsonNode head = JSON.readTree(lines.get(0));
            if (!head.path("evaluation").asString("").equals(evaluation)) {
                throw new UserError(file + " holds the answers of another evaluation, stopped before its end, by "
                        + head.path("model").asString("another model")
                        + "; finish that one, delete the file, or choose another --output");
            }
            for (String line : lines.subList(1, lines.size())) {
                Sample sample = JSON.readValue(line, Sample.class);
                read.computeIfAbsent(sample.id(), id -> new ArrayList<>()).add(sample);
            }
        } catch (JacksonException e) {
            throw new UserError(file + " is damaged (" + e.getOriginalMessage() + "); delete it to begin anew");
        }
        read.forEach((id, samples) -> {
            if (samples.size() == attempts) {
                done.put(id, List.copyOf(samples));
            }
        });
    }

    private static boolean isOf(String evaluation, byte[] bytes, int whole) {
        String head = new String(bytes, 0, whole, StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("");
        try {
            return JSON.readTree(head).path("evaluation").asString("").equals(evaluation);
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Where it is kept. */
    public Path file() {
        return file;
    }

    /** Tells this evaluation from others. */
    String evaluation() {
        return evaluation;
    }

    /** The samples of the problems that are done, by their ids. */
    public Map<String, List<Sample>> done() {
        return done;
    }

    /** Keeps the samples of one problem. */
    synchronized void keep(List<Sample> samples) {
        StringBuilder lines = new StringBuilder();
        samples.forEach(sample -> lines.append(JSON.writeValueAsString(sample)).append('\n'));
        try {
            append(lines.toString());
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private void append(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
    }

    /** The evaluation is over and its samples are in their file. */
    void delete() {
        try {
            close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static UserError unwritable(Path file, IOException e) {
        return new UserError("Cannot write " + file + " (" + e.getMessage()
                + "); choose a directory with room that you may write to");
    }

    /** The same for the same model, protocol and problems, and no others: of a problem all that is asked and graded by. */
    static String evaluation(Benchmark benchmark, Protocol protocol, String model) {
        List<String> parts = new ArrayList<>(List.of(model, protocol.toString(), benchmark.name()));
        for (Pair pair : benchmark.pairs()) {
            parts.addAll(List.of(
                    pair.id(),
                    benchmark.asked(pair).identity(),
                    pair.answer(),
                    pair.verifier(),
                    SORTED.writeValueAsString(pair.metadata())));
        }
        return Sha256.of(parts.toArray(String[]::new));
    }
}
