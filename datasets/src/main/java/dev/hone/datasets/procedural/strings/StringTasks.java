package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class StringTasks {
    private StringTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(
                new CaesarShift(),
                new RunLength(),
                new BracketMatch(),
                new EditDistance(),
                new LetterCount(),
                new RomanNumeral());
    }
}
