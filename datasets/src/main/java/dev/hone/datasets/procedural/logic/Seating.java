package dev.hone.datasets.procedural.logic;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * {@code A, B, C sit in a row. A sits left of C. B sits at an end. ... In which order do they sit?} Clues are drawn until
 * one order is left; the solution lists what each clue leaves, from where it is a handful.
 */
final class Seating extends LeveledGenerator {
    private static final String LETTERS = "ABCDE";
    private static final int[] PEOPLE = {3, 4, 5};
    /** Orders listed; more are only counted. */
    private static final int LISTED = 8;

    Seating() {
        super("seating", "logic", "exact", PEOPLE.length);
    }

    private record Clue(String text, Predicate<String> holds) {}

    @Override
    protected Problem problem(int level, Random random) {
        String people = LETTERS.substring(0, PEOPLE[level - 1]);
        List<String> orders = new ArrayList<>();
        permute("", people, orders);
        String seated = orders.get(random.nextInt(orders.size()));
        StringBuilder prompt = new StringBuilder(String.join(", ", people.split("")) + " sit in a row.");
        StringBuilder work = new StringBuilder();
        List<String> left = orders;
        while (left.size() > 1) {
            Clue clue = clue(random, people, seated);
            List<String> remaining = left.stream().filter(clue.holds()).toList();
            if (remaining.size() == left.size()) {
                continue;
            }
            left = remaining;
            prompt.append(' ').append(clue.text());
            work.append(clue.text()).append(' ');
            work.append(left.size() <= LISTED ? String.join(" ", left) : left.size() + " orders left")
                    .append('\n');
        }
        String answer = seated.chars().mapToObj(c -> String.valueOf((char) c)).collect(Collectors.joining(" "));
        return new Problem(prompt + " In which order do they sit, from the left?", work.toString(), answer);
    }

    /** A clue that is true of the order seated. */
    private static Clue clue(Random random, String people, String seated) {
        List<Integer> two = distinct(random, 2, 0, people.length() - 1);
        char a = people.charAt(two.get(0));
        char b = people.charAt(two.get(1));
        int last = people.length() - 1;
        return switch (random.nextInt(4)) {
            case 0 -> {
                boolean left = seated.indexOf(a) < seated.indexOf(b);
                char first = left ? a : b;
                char second = left ? b : a;
                yield new Clue(
                        first + " sits left of " + second + ".", order -> order.indexOf(first) < order.indexOf(second));
            }
            case 1 -> {
                boolean next = Math.abs(seated.indexOf(a) - seated.indexOf(b)) == 1;
                yield new Clue(
                        a + (next ? " sits next to " : " does not sit next to ") + b + ".",
                        order -> (Math.abs(order.indexOf(a) - order.indexOf(b)) == 1) == next);
            }
            case 2 -> {
                boolean end = seated.indexOf(a) % last == 0;
                yield new Clue(
                        a + (end ? " sits at an end." : " does not sit at an end."),
                        order -> (order.indexOf(a) % last == 0) == end);
            }
            default -> {
                int seat = between(random, 0, last);
                boolean there = seated.indexOf(a) == seat;
                yield new Clue(
                        a + (there ? " sits" : " does not sit") + " on seat " + (seat + 1) + ".",
                        order -> (order.indexOf(a) == seat) == there);
            }
        };
    }

    private static void permute(String seated, String standing, List<String> orders) {
        if (standing.isEmpty()) {
            orders.add(seated);
        }
        for (int i = 0; i < standing.length(); i++) {
            permute(seated + standing.charAt(i), standing.substring(0, i) + standing.substring(i + 1), orders);
        }
    }
}
