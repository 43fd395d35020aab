package dev.hone.datasets.procedural.logic;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * {@code Ann is taller than Bob. Cid is shorter than Bob. Counted from the tallest, who is number 1?} The facts are the
 * neighbours' in the full order, mixed and said either way round.
 */
final class Ordering extends LeveledGenerator {
    private static final List<String> NAMES = List.of("Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gus", "Hana");
    private static final int[] PEOPLE = {3, 4, 5, 6, 8};

    Ordering() {
        super("ordering", "logic", "exact", PEOPLE.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        List<String> order = shuffled(random, NAMES).subList(0, PEOPLE[level - 1]);
        List<String> facts = new ArrayList<>();
        for (int i = 1; i < order.size(); i++) {
            String tall = order.get(i - 1);
            String small = order.get(i);
            facts.add(
                    random.nextBoolean()
                            ? tall + " is taller than " + small + "."
                            : small + " is shorter than " + tall + ".");
        }
        int place = between(random, 1, order.size());
        StringBuilder work = new StringBuilder();
        for (int i = 2; i <= order.size(); i++) {
            work.append(String.join(" > ", order.subList(0, i))).append('\n');
        }
        return new Problem(
                String.join(" ", shuffled(random, facts)) + " Counted from the tallest, who is number " + place + "?",
                work.toString(),
                order.get(place - 1));
    }
}
