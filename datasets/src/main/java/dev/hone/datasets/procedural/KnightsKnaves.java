package dev.hone.datasets.procedural;

import dev.hone.datasets.procedural.Statement.Claim;
import dev.hone.datasets.procedural.Statement.Form;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Knights and knaves (Smullyan 1978): who tells the truth? Each puzzle has one solution, and it can be found without
 * branching once the first speaker's kind is supposed.
 *
 * <p>The solution supposes a knight, follows what each statement then says, and where that contradicts itself supposes
 * a knave: {@code A+ C- B+ A- no} and then {@code A- C+ B- A- yes}. A plus is a knight.
 */
final class KnightsKnaves extends LeveledGenerator {
    private static final String LETTERS = "ABCDEF";

    /** People, and the forms of what they say. */
    private record Shape(int people, List<Form> forms) {}

    private static final List<Form> SIMPLE = List.of(Form.ALONE, Form.ALONE, Form.SAME, Form.DIFFERENT);
    private static final List<Form> ALL = List.of(Form.values());
    private static final List<Shape> LEVELS = List.of(
            new Shape(2, SIMPLE),
            new Shape(2, ALL),
            new Shape(3, SIMPLE),
            new Shape(3, ALL),
            new Shape(4, SIMPLE),
            new Shape(4, ALL));

    KnightsKnaves() {
        super("knights_knaves", "logic", "logic", LEVELS.size());
    }

    @Override
    protected Problem problem(int level, Random random) {
        Shape shape = LEVELS.get(level - 1);
        while (true) {
            List<Statement> statements = IntStream.range(0, shape.people())
                    .mapToObj(speaker -> statement(random, shape, speaker))
                    .toList();
            Walk knight = Walk.from(true, statements);
            Walk knave = Walk.from(false, statements);
            if (knight.stuck() || knave.stuck() || knight.consistent() == knave.consistent()) {
                continue;
            }
            String names = names(random, shape.people());
            String work = knight.text(names) + (knight.consistent() ? "" : knave.text(names));
            boolean[] knights = (knight.consistent() ? knight : knave).knights();
            return new Problem(prompt(statements, names), work, answer(knights, names));
        }
    }

    private static Statement statement(Random random, Shape shape, int speaker) {
        Form form = shape.forms().get(random.nextInt(shape.forms().size()));
        int other = (speaker + 1 + random.nextInt(shape.people() - 1)) % shape.people();
        Claim claim = new Claim(other, random.nextBoolean());
        return switch (form) {
            case ALONE -> new Statement(form, claim, null);
            case SAME, DIFFERENT -> new Statement(form, new Claim(speaker, true), new Claim(other, true));
            case AND, OR -> {
                int person = random.nextInt(shape.people());
                while (person == other) {
                    person = random.nextInt(shape.people());
                }
                yield new Statement(form, new Claim(person, random.nextBoolean()), claim);
            }
        };
    }

    private static String names(Random random, int people) {
        List<Character> letters = new ArrayList<>(
                LETTERS.chars().mapToObj(letter -> (char) letter).toList());
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < people; i++) {
            names.append(letters.remove(random.nextInt(letters.size())));
        }
        return names.toString();
    }

    private static String prompt(List<Statement> statements, String names) {
        return IntStream.range(0, statements.size())
                .mapToObj(speaker ->
                        names.charAt(speaker) + ": " + statements.get(speaker).text(speaker, names) + ".")
                .collect(Collectors.joining(" "));
    }

    private static String answer(boolean[] knights, String names) {
        return IntStream.range(0, knights.length)
                .mapToObj(person -> names.charAt(person) + (knights[person] ? " knight" : " knave"))
                .collect(Collectors.joining(", "));
    }

    /**
     * What follows from the first speaker's kind.
     *
     * @param claims in the order they are found; the last contradicts an earlier one unless the walk is consistent
     * @param stuck whether some person's kind does not follow
     */
    private record Walk(List<Claim> claims, @Nullable Boolean[] known, boolean consistent, boolean stuck) {
        static Walk from(boolean knight, List<Statement> statements) {
            @Nullable Boolean[] known = new Boolean[statements.size()];
            List<Claim> claims = new ArrayList<>();
            ArrayDeque<Integer> speakers = new ArrayDeque<>();
            known[0] = knight;
            claims.add(new Claim(0, knight));
            speakers.add(0);
            int deferred = 0;
            while (deferred < speakers.size()) {
                int speaker = speakers.remove();
                boolean truth = Boolean.TRUE.equals(known[speaker]);
                List<Claim> conclusions = statements.get(speaker).conclusions(truth, known);
                if (conclusions == null) {
                    speakers.add(speaker);
                    deferred++;
                    continue;
                }
                deferred = 0;
                for (Claim claim : conclusions) {
                    claims.add(claim);
                    Boolean before = known[claim.person()];
                    if (before == null) {
                        known[claim.person()] = claim.knight();
                        speakers.add(claim.person());
                    } else if (before != claim.knight()) {
                        return new Walk(claims, known, false, false);
                    }
                }
            }
            boolean complete = IntStream.range(0, known.length).allMatch(person -> known[person] != null);
            return new Walk(claims, known, true, !complete || !speakers.isEmpty());
        }

        String text(String names) {
            return claims.stream()
                            .map(claim -> names.charAt(claim.person()) + (claim.knight() ? "+" : "-"))
                            .collect(Collectors.joining(" "))
                    + (consistent ? " yes\n" : " no\n");
        }

        boolean[] knights() {
            boolean[] knights = new boolean[known.length];
            for (int person = 0; person < known.length; person++) {
                knights[person] = Boolean.TRUE.equals(known[person]);
            }
            return knights;
        }
    }
}
