package dev.hone.datasets.verify;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the SMILES that a completion gives as its answer, in quotes, code, tags or a sentence. */
final class SmilesText {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9@+\\-\\[\\]()\\\\/=#$:.%~*]+");
    /** Written of nothing but atoms, bonds, branches and rings: as few words of a sentence are. */
    private static final Pattern SHAPE = Pattern.compile(
            "(?:\\[[^\\[\\]\\s]+]|Cl|Br|[BCNOPSFIbcnops])(?:\\[[^\\[\\]\\s]+]|Cl|Br|[BCNOPSFIbcnops]|\\d|%\\d\\d|[-=#$:/\\\\.()])*");

    private static final Pattern INTRODUCED = Pattern.compile(
            "(?i)\\b(?:smiles|product|molecule|compound|structure|answer)\\b[^.:=\\n]{0,40}?(?:\\b(?:is|are|be)\\b:?|\\s-|[:=])\\s*(\\S+)");

    private static final Pattern FENCE = Pattern.compile("(?m)^\\s*```\\w*\\s*$");
    private static final Pattern TYPESET = Pattern.compile("\\\\(?:text|math|ce)(?:bf|it|rm|tt)?\\s*\\{([^}]*)}");
    private static final Pattern SECOND =
            Pattern.compile("[`\"'*]*\\s*(?:,|;|/|\\bor\\b|\\band\\b)\\s*(?:\\bor\\b\\s*)?");

    private SmilesText() {}

    /** Empty where there is no answer; what is no SMILES, where something else is given as one, or two are. */
    static Optional<String> of(String completion) {
        Optional<String> marked = FinalAnswer.of(FENCE.matcher(completion).replaceAll(""));
        if (marked.isPresent()) {
            return marked.map(answer -> within(plain(answer)));
        }
        String text =
                plain(FENCE.matcher(FinalAnswer.withoutThought(completion)).replaceAll(" "));
        if (WORD.matcher(text).matches()) {
            return Optional.of(text);
        }
        return INTRODUCED
                .matcher(text)
                .results()
                .map(found -> inner(plain(found.group(1))))
                .filter(SmilesText::isMolecule)
                .reduce((first, last) -> last)
                .or(() -> lastLine(text));
    }

    private static Optional<String> lastLine(String text) {
        String last = plain(text.substring(text.lastIndexOf('\n') + 1));
        return Optional.of(last).filter(SmilesText::isMolecule);
    }

    /** The first word, or the only one that is SMILES. */
    private static String within(String answer) {
        Matcher words = WORD.matcher(answer);
        if (words.matches()) {
            return answer;
        }
        if (words.reset().lookingAt() && isMolecule(words.group())) {
            String rest = answer.substring(words.end());
            Matcher joined = SECOND.matcher(rest);
            Matcher second = WORD.matcher(joined.lookingAt() ? rest.substring(joined.end()) : "");
            return second.lookingAt()
                            && isMolecule(plain(second.group()))
                            && !plain(second.group()).equals("I")
                    ? answer
                    : words.group();
        }
        List<String> molecules = words.reset()
                .results()
                .map(MatchResult::group)
                .map(word -> inner(plain(word)))
                .filter(word -> isMolecule(word) && !word.equals("I"))
                .distinct()
                .toList();
        if (molecules.size() == 1) {
            return molecules.get(0);
        }
        return words.reset().lookingAt() ? words.group() : answer;
    }

    private static boolean isMolecule(String word) {
        return SHAPE.matcher(word).matches() && Molecule.parse(word).isPresent();
    }

    /** Without what sets it off: quotes, code, tags, emphasis, punctuation after it. */
    private static String plain(String text) {
        String bare = TYPESET.matcher(text)
                .replaceAll("$1")
                .replaceAll("(?i)</?(?:answer|smiles)>|\\bSMILES\\s*[:=]", " ")
                .replaceAll("\\.(?=[`\"'*]*(?:\\s|$))|[,;]$", " ")
                .replaceAll("[`\"'$*{}]+(?=\\s|[,;]|$)|(?<=\\s|^)[`\"'$*{}]+", " ")
                .replaceAll("\\.(?=\\s|$)", " ")
                .strip();
        return bare.startsWith("(") && bare.endsWith(")") ? bare.substring(1, bare.length() - 1) : bare;
    }

    /** Without a bracket that the sentence opened. */
    private static String inner(String word) {
        boolean more = word.chars().filter(c -> c == ')').count()
                > word.chars().filter(c -> c == '(').count();
        return word.endsWith(")") && more ? word.substring(0, word.length() - 1) : word;
    }
}
