package dev.hone.perf.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The parsers of safetensors headers, recipes, pairs, chat templates and config.json against damaged inputs.
 *
 * <p>Arguments: inputs for each, the first one's number, a seed, and names of parsers (all without). Ends with 1 where
 * anything but reading or a refusal happened.
 */
public final class Fuzz {

    private static final long REPORT_EVERY = 100_000;

    private Fuzz() {}

    public static void main(String[] arguments) throws IOException {
        long inputs = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000;
        long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 0;
        long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : 1;
        List<String> names = List.of(arguments).subList(Math.min(3, arguments.length), arguments.length);
        Path scratch = Files.createTempDirectory("hone-fuzz-");
        List<String> faults = new ArrayList<>();
        System.out.println(Outcome.HEAD);
        for (Target target : new Targets(Path.of(System.getProperty("hone.root", ".")), scratch).all()) {
            if (names.isEmpty() || names.contains(target.name())) {
                Outcome outcome = Series.run(target, seed, first, inputs, progress(target));
                System.out.println(outcome.row());
                outcome.faults().forEach(fault -> faults.add(target.name() + ", seed " + seed + ", " + fault));
            }
        }
        faults.forEach(System.err::println);
        System.exit(faults.isEmpty() ? 0 : 1);
    }

    private static LongConsumer progress(Target target) {
        return done -> {
            if (done % REPORT_EVERY == 0) {
                System.err.printf("%s: %,d%n", target.name(), done);
            }
        };
    }
}
