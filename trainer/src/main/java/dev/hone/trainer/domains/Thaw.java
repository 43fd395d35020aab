package dev.hone.trainer.domains;

import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import dev.hone.trainer.run.RunDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A frozen dataset given up, so that its domain is explored anew: a line of {@code datasets/thawed.jsonl}, which is only
 * ever added to. The dataset itself stays where it is.
 *
 * @param reason why, in the words of whoever did it
 */
public record Thaw(String time, String domain, String hash, String reason) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FILE = "thawed.jsonl";

    /** All of a run, in the order they were asked for. */
    static List<Thaw> of(RunDirectory run) {
        Path file = file(run);
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> JSON.readValue(line, Thaw.class))
                    .toList();
        } catch (IOException | JacksonException e) {
            throw new UserError(file + " cannot be read (" + UserError.reason(e) + "); restore it", e);
        }
    }

    /**
     * Asks for one; {@code hone resume} carries it out.
     *
     * @throws UserError where the domain has no frozen dataset, or the run is going on
     */
    public static Thaw ask(RunDirectory run, String domain, String reason) {
        try (RunLock lock = RunLock.acquire(run.root())) {
            String hash = DomainsState.of(run).frozenHash(domain);
            Thaw thaw = new Thaw(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), domain, hash, reason);
            Files.write(
                    file(run),
                    (JSON.writeValueAsString(thaw) + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.SYNC);
            reopen(run);
            return thaw;
        } catch (IOException e) {
            throw new UserError("Cannot write " + file(run) + " (" + e.getMessage() + "); make room there", e);
        }
    }

    /** A complete run is so no longer; what it came to is kept beside. */
    private static void reopen(RunDirectory run) throws IOException {
        if (run.isComplete()) {
            Files.move(
                    run.summary(),
                    run.root().resolve("summary-before-thaw-" + of(run).size() + ".json"),
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path file(RunDirectory run) {
        return run.datasets().resolve(FILE);
    }
}
