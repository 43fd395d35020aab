package dev.hone.datasets.verify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A running {@link AlgebraServer}. Not for several threads at once. */
final class AlgebraProcess {
    private static final Duration LOADING = Duration.ofSeconds(60);
    /** What a server that heeds its limit may need beyond it to say so. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private final Process process;
    private final Writer questions;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private boolean loaded;

    private AlgebraProcess(Process process) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "computer-algebra");
        reader.setDaemon(true);
        reader.start();
    }

    /** Does not wait until it has loaded. */
    static AlgebraProcess start() throws IOException {
        return new AlgebraProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AlgebraServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(line);
            }
        } catch (IOException ended) {
            // Nothing more to read.
        }
        answers.add("computer algebra ended");
    }

    /**
     * What the server says; empty where it says nothing in time, and is not to be asked again.
     *
     * @throws IOException if it could not be started
     */
    Optional<String> ask(String expression, Duration limit) throws IOException, InterruptedException {
        if (!loaded) {
            String said = answers.poll(LOADING.toMillis(), TimeUnit.MILLISECONDS);
            if (!AlgebraServer.READY.equals(said)) {
                end();
                throw new IOException(said == null ? "it does not start" : said);
            }
            loaded = true;
        }
        questions.write(limit.toMillis() + " " + expression.replace('\n', ' ') + "\n");
        questions.flush();
        return Optional.ofNullable(answers.poll(
                limit.multipliedBy(AlgebraServer.MOST_WAITING).plus(GRACE).toMillis(), TimeUnit.MILLISECONDS));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void end() {
        process.destroyForcibly();
    }
}
