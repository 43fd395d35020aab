package dev.hone.perf;

import dev.hone.datasets.UserError;
import dev.hone.perf.generation.GenerationRows;
import dev.hone.perf.harness.Row;
import dev.hone.perf.kernels.KernelRows;
import dev.hone.perf.training.TrainingRows;
import java.util.ArrayList;
import java.util.List;

/** Every row there is, and those a command line asks for. */
final class Rows {

    private Rows() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        rows.addAll(TrainingRows.all());
        rows.addAll(GenerationRows.all());
        rows.addAll(KernelRows.all());
        return rows;
    }

    static Row named(String name) {
        return all().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no row " + name));
    }

    /** The rows whose names contain one of {@code parts}; all where there are none. */
    static List<Row> matching(List<String> parts) {
        for (String part : parts) {
            if (all().stream().noneMatch(row -> row.name().contains(part))) {
                throw new UserError("No row's name contains '" + part + "'; ./hone bench --list names them");
            }
        }
        return all().stream()
                .filter(row -> parts.isEmpty() || parts.stream().anyMatch(row.name()::contains))
                .toList();
    }
}
