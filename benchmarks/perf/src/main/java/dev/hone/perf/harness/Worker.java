package dev.hone.perf.harness;

import dev.hone.trainer.run.PeakMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The child process of one side. It obeys lines of standard input and answers each with a line:
 *
 * <pre>
 * open ROW   check NUMBER... ; NUMBER... ...   the numbers both sides must agree on
 * run N      nanos NUMBER...     the durations of N runs
 * close      closed              ends the work
 * peak       peak BYTES          the most memory the process held so far
 * </pre>
 *
 * <p>It ends with its input.
 */
public final class Worker {

    /** Finds a row's work by its name. */
    public interface Works {
        Work open(String row);
    }

    private final Works works;
    private @Nullable Work work;

    private Worker(Works works) {
        this.works = works;
    }

    public static void serve(Works works) throws IOException {
        PrintStream answers = System.out;
        // What libraries print must not be taken for an answer.
        System.setOut(System.err);
        Worker worker = new Worker(works);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(worker.answer(line));
            answers.flush();
        }
        worker.closeWork();
    }

    private String answer(String line) {
        String[] words = line.split(" ", 2);
        return switch (words[0]) {
            case "open" -> {
                closeWork();
                work = works.open(words[1]);
                StringJoiner answer = new StringJoiner(" ; ", "check ", "");
                for (double[] group : work.check()) {
                    answer.add(Arrays.stream(group).mapToObj(Double::toString).collect(Collectors.joining(" ")));
                }
                yield answer.toString();
            }
            case "run" -> "nanos " + run(Integer.parseInt(words[1]));
            case "close" -> {
                closeWork();
                yield "closed";
            }
            case "peak" -> "peak " + PeakMemory.bytes();
            default -> throw new IllegalArgumentException("A worker does not know \"" + line + "\"");
        };
    }

    private String run(int times) {
        if (work == null) {
            throw new IllegalStateException("no work is open");
        }
        StringJoiner nanos = new StringJoiner(" ");
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            work.run();
            nanos.add(Long.toString(System.nanoTime() - start));
        }
        return nanos.toString();
    }

    private void closeWork() {
        if (work != null) {
            work.close();
            work = null;
        }
    }
}
