package dev.hone.datasets.procedural.logic;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * {@code How many assignments of p,q,r make (p|!q)&(q|r) true?} The formula is a conjunction of clauses; the solution is
 * its truth table, a line each.
 */
final class CountModels extends LeveledGenerator {
    private static final String VARIABLES = "pqrs";
    private static final int[] COUNT = {2, 3, 3, 4, 4};
    private static final int[] CLAUSES = {2, 2, 3, 3, 5};

    CountModels() {
        super("count_models", "logic", "value", COUNT.length);
    }

    private record Literal(int variable, boolean positive) {
        boolean holds(int assignment) {
            return (assignment >> variable & 1) == 1 == positive;
        }

        @Override
        public String toString() {
            return (positive ? "" : "!") + VARIABLES.charAt(variable);
        }
    }

    @Override
    protected Problem problem(int level, Random random) {
        int count = COUNT[level - 1];
        List<List<Literal>> clauses = new ArrayList<>();
        for (int i = 0; i < CLAUSES[level - 1]; i++) {
            int length = level == 1 ? between(random, 1, 2) : 2 + random.nextInt(Math.min(2, count - 1));
            clauses.add(distinct(random, length, 0, count - 1).stream()
                    .map(variable -> new Literal(variable, random.nextBoolean()))
                    .toList());
        }
        StringBuilder work = new StringBuilder();
        int models = 0;
        for (int assignment = (1 << count) - 1; assignment >= 0; assignment--) {
            boolean all = true;
            StringBuilder values = new StringBuilder();
            for (List<Literal> clause : clauses) {
                int chosen = assignment;
                boolean holds = clause.stream().anyMatch(literal -> literal.holds(chosen));
                values.append(holds ? 'T' : 'F');
                all &= holds;
            }
            models += all ? 1 : 0;
            for (int variable = 0; variable < count; variable++) {
                work.append(VARIABLES.charAt(variable)).append((assignment >> variable & 1) == 1 ? "=T " : "=F ");
            }
            work.append(values).append(' ').append(all ? "T, " + models : "F").append('\n');
        }
        String formula = clauses.stream()
                .map(clause -> clause.stream().map(Literal::toString).collect(Collectors.joining("|", "(", ")")))
                .collect(Collectors.joining("&"));
        String names = String.join(",", VARIABLES.substring(0, count).split(""));
        return new Problem(
                "How many assignments of " + names + " make " + formula + " true?",
                work.toString(),
                Integer.toString(models));
    }
}
