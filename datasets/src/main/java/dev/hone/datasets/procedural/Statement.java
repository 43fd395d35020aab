package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one islander says: two claims about islanders joined by a connective, or one claim alone. Knights say what is
 * true, knaves what is false.
 */
record Statement(Form form, Claim first, @Nullable Claim second) {
    /** How the claims are joined. */
    enum Form {
        ALONE,
        AND,
        OR,
        SAME,
        DIFFERENT
    }

    /** That a person is a knight or a knave. */
    record Claim(int person, boolean knight) {
        Claim denied() {
            return new Claim(person, !knight);
        }
    }

    private Claim other() {
        if (second == null) {
            throw new IllegalStateException("A " + form + " statement has one claim");
        }
        return second;
    }

    /** Whether it is true where {@code knights[person]} says who is a knight. */
    boolean holds(boolean[] knights) {
        boolean one = knights[first.person()] == first.knight();
        return switch (form) {
            case ALONE -> one;
            case AND -> one && knights[other().person()] == other().knight();
            case OR -> one || knights[other().person()] == other().knight();
            case SAME -> knights[first.person()] == knights[other().person()];
            case DIFFERENT -> knights[first.person()] != knights[other().person()];
        };
    }

    /**
     * What follows at once when the statement is true, or false.
     *
     * @param known who is known to be a knight or a knave, null where nothing is known
     * @return claims that hold; null where more must be known first
     */
    @Nullable
    List<Claim> conclusions(boolean truth, @Nullable Boolean[] known) {
        return switch (form) {
            case ALONE -> List.of(truth ? first : first.denied());
            case AND -> truth ? List.of(first, other()) : atLeastOne(first.denied(), other().denied(), known);
            case OR -> truth ? atLeastOne(first, other(), known) : List.of(first.denied(), other().denied());
            case SAME -> alike(truth, known);
            case DIFFERENT -> alike(!truth, known);
        };
    }

    private static @Nullable List<Claim> atLeastOne(Claim one, Claim two, @Nullable Boolean[] known) {
        Boolean first = known[one.person()];
        Boolean second = known[two.person()];
        if (first == null && second == null) {
            return null;
        }
        List<Claim> conclusions = new ArrayList<>();
        if (first != null && first != one.knight()) {
            conclusions.add(two);
        } else if (first == null && second != null && second != two.knight()) {
            conclusions.add(one);
        }
        return conclusions;
    }

    private @Nullable List<Claim> alike(boolean same, @Nullable Boolean[] known) {
        Boolean one = known[first.person()];
        if (one != null) {
            return List.of(new Claim(other().person(), one == same));
        }
        Boolean two = known[other().person()];
        return two == null ? null : List.of(new Claim(first.person(), two == same));
    }

    /** In words; the speaker is {@code I}. */
    String text(int speaker, String names) {
        String subject = subject(first, speaker, names);
        return switch (form) {
            case ALONE -> subject + kind(first, speaker);
            case AND ->
                subject + kind(first, speaker) + " and " + subject(other(), speaker, names) + kind(other(), speaker);
            case OR ->
                subject + kind(first, speaker) + " or " + subject(other(), speaker, names) + kind(other(), speaker);
            case SAME -> subject + " and " + subject(other(), speaker, names) + " are the same";
            case DIFFERENT -> subject + " and " + subject(other(), speaker, names) + " are different";
        };
    }

    private static String subject(Claim claim, int speaker, String names) {
        return claim.person() == speaker ? "I" : names.substring(claim.person(), claim.person() + 1);
    }

    private static String kind(Claim claim, int speaker) {
        return (claim.person() == speaker ? " am" : " is") + (claim.knight() ? " a knight" : " a knave");
    }
}
