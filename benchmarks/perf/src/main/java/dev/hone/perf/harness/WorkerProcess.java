package dev.hone.perf.harness;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running {@link Worker}. Each side has a Java machine to itself, so that neither's libraries meet the other's. */
public final class WorkerProcess implements AutoCloseable {

    private final Side side;
    private final Setting setting;
    private final Process process;
    private final BufferedReader answers;

    /**
     * Starts a side.
     *
     * @param mainClass whose main method calls {@link Worker#serve}, given the side's key
     */
    public WorkerProcess(Class<?> mainClass, Side side, Setting setting, int threads) {
        this.side = side;
        this.setting = setting;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms64m",
                "-Xmx512m",
                "-Dorg.bytedeco.javacpp.maxbytes=0",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-Dhone.threads=" + threads,
                "-cp",
                System.getProperty("java.class.path"),
                mainClass.getName(),
                side.key()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
        builder.environment().putAll(setting.environment());
        builder.redirectError(ProcessBuilder.Redirect.to(errors(side)));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static File errors(Side side) {
        return new File(System.getProperty("java.io.tmpdir"), "hone-bench-" + side.key() + ".log");
    }

    public Setting setting() {
        return setting;
    }

    /** Ends the work that is open. */
    public void closeWork() {
        ask("close", "closed");
    }

    /** Opens a row's work and gives the numbers to check. */
    public List<double[]> open(String row) {
        List<double[]> groups = new ArrayList<>();
        for (String group : ask("open " + row, "check").split(";", -1)) {
            groups.add(numbers(group));
        }
        return groups;
    }

    /** Seconds of each of {@code times} runs. */
    public List<Double> run(int times) {
        return Arrays.stream(numbers(ask("run " + times, "nanos")))
                .mapToObj(nanos -> nanos / 1e9)
                .toList();
    }

    /** Bytes the process held at most. */
    public long peak() {
        return Long.parseLong(ask("peak", "peak"));
    }

    /** Processor time used so far. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.trim().split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private String ask(String question, String expected) {
        try {
            process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            String answer = answers.readLine();
            if (answer == null || !answer.startsWith(expected)) {
                throw new IllegalStateException(
                        "%s's process failed at \"%s\":%n%s".formatted(side.key(), question, lastErrors()));
            }
            return answer.substring(expected.length()).trim();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "%s's process ended at \"%s\":%n%s".formatted(side.key(), question, lastErrors()), e);
        }
    }

    private String lastErrors() {
        try {
            List<String> lines = Files.readAllLines(errors(side).toPath());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            return "(its errors cannot be read: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
