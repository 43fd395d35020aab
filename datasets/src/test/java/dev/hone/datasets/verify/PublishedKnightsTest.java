package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Verdict by verdict beside the rules of the grader published with the knights-and-knaves data set (Xie et al. 2024, "On
 * Memorization of Large Language Models in Logical Reasoning"), restated here: the text behind {@code CONCLUSION:}, up to
 * the next heading, or all of it where it numbers everybody, must hold every statement of the key, number included, none
 * beyond, and no "if".
 */
class PublishedKnightsTest {
    private static final List<String> NAMES =
            List.of("Zoey", "Oliver", "Mia", "Jack", "Ava", "Henry", "Lily", "Samuel", "Evelyn");

    private record Puzzle(List<String> names, List<Boolean> knights) {
        static Puzzle random(Random random) {
            List<String> names = new ArrayList<>(NAMES);
            java.util.Collections.shuffle(names, random);
            int size = 2 + random.nextInt(7);
            return new Puzzle(
                    names.subList(0, size),
                    IntStream.range(0, size).mapToObj(i -> random.nextBoolean()).toList());
        }

        Puzzle flipped(int who) {
            List<Boolean> other = new ArrayList<>(knights);
            other.set(who, !other.get(who));
            return new Puzzle(names, other);
        }

        String statement(int who) {
            return names.get(who) + " is a " + (knights.get(who) ? "knight" : "knave");
        }

        List<String> statements() {
            return IntStream.range(0, names.size())
                    .mapToObj(i -> "(" + (i + 1) + ") " + statement(i))
                    .toList();
        }

        String lines() {
            return String.join("\n", statements());
        }
    }

    private static boolean published(Puzzle key, String response) {
        String[] parts = response.split("CONCLUSION:", -1);
        int people = key.names().size();
        if (parts.length > 1 && !parts[1].isEmpty()) {
            return publishedJudge(key, parts[1]);
        }
        boolean numbered = IntStream.rangeClosed(1, people).allMatch(i -> response.contains("(" + i + ")"));
        return numbered && publishedJudge(key, response);
    }

    private static boolean publishedJudge(Puzzle key, String text) {
        String said = text.split("###", -1)[0];
        return !said.contains("(" + (key.names().size() + 1) + ")")
                && !said.contains("if")
                && key.statements().stream().allMatch(said::contains);
    }

    private static boolean ours(Puzzle key, String response) {
        return Verifying.verify("logic", key.lines(), Map.of(), response).correct();
    }

    /** What models write: right, wrong, unfinished, beyond the puzzle, hedged. */
    private static List<String> responses(Puzzle puzzle, Random random) {
        int who = random.nextInt(puzzle.names().size());
        Puzzle wrong = puzzle.flipped(who);
        String thinking = "Assume " + wrong.statement(who) + ". Then what "
                + puzzle.names().get(0) + " says is false, a contradiction.\n";
        List<String> missing = new ArrayList<>(puzzle.statements());
        missing.remove(who);
        String next = "(" + (puzzle.names().size() + 1) + ") Nobody is a knave";
        return List.of(
                thinking + "CONCLUSION:\n" + puzzle.lines(),
                thinking + "CONCLUSION:\n" + wrong.lines(),
                thinking + "CONCLUSION:\n" + String.join("\n", missing),
                thinking + "CONCLUSION:\n" + puzzle.lines() + "\n" + next,
                thinking + "CONCLUSION: " + String.join(", ", puzzle.statements()) + ".",
                thinking + "CONCLUSION:\n" + puzzle.lines() + "\nI am sure of it.",
                thinking + "CONCLUSION:\n" + puzzle.lines() + " if " + wrong.statement(who),
                "So:\n" + puzzle.lines(),
                "So:\n" + wrong.lines(),
                "So:\n" + String.join("\n", missing),
                thinking,
                "CONCLUSION:",
                "");
    }

    @Test
    void agreesWithThePublishedRules() {
        Random random = new Random(5);
        int right = 0;
        int wrong = 0;
        for (int i = 0; i < 200; i++) {
            Puzzle puzzle = Puzzle.random(random);
            for (String response : responses(puzzle, random)) {
                boolean verdict = published(puzzle, response);
                assertThat(ours(puzzle, response))
                        .as("%s for %s", response, puzzle)
                        .isEqualTo(verdict);
                right += verdict ? 1 : 0;
                wrong += verdict ? 0 : 1;
            }
        }
        assertThat(right).isEqualTo(800);
        assertThat(wrong).isEqualTo(1800);
    }

    /** Where the published rules read letter by letter, or take the first of two conclusions. */
    @Test
    void isMeantToDifferHere() {
        Puzzle puzzle = new Puzzle(List.of("Zoey", "Jennifer"), List.of(true, false));

        String bold = "CONCLUSION:\n(1) **Zoey** is a knight\n(2) **Jennifer** is a knave";
        assertThat(published(puzzle, bold)).isFalse();
        assertThat(ours(puzzle, bold)).isTrue();
        String conditional = "CONCLUSION:\n" + puzzle.lines();
        assertThat(published(puzzle, conditional)).as("Jennifer holds an if").isFalse();
        assertThat(ours(puzzle, conditional)).isTrue();
        Puzzle couple = new Puzzle(List.of("Zoey", "Jack"), List.of(true, false));
        String corrected = "CONCLUSION:\n" + couple.lines() + "\nNo: CONCLUSION:\n"
                + couple.flipped(0).lines();
        assertThat(published(couple, corrected)).isTrue();
        assertThat(ours(couple, corrected)).isFalse();
    }
}
