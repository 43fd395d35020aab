package dev.hone.datasets.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts sentences by the rules of Punkt (Kiss and Strunk 2006, Unsupervised Multilingual Sentence Boundary Detection),
 * by whose English model IFEval counts them: a period ends a sentence, but for that of an abbreviation whose next word
 * does not tell that it begins one. Where Punkt has learnt words from a corpus, a short list stands here.
 */
final class Sentences {
    private static final String OPENS_OR_CLOSES = "[)\";}\\]*:@'({\\[\u2018\u2019\u201c\u201d\u00ab\u00bb?!]";

    private static final String LONG_PUNCTUATION = "(?:-{2,}|\\.{2,}|(?:\\.\\s){2,}\\.)";

    /** What may end a sentence, before the first group, a mark, or the second, a word. */
    private static final Pattern END = pattern("[.?!](?=(" + OPENS_OR_CLOSES + ")|\\s+(\\S+))|[。！？](?=(.))");

    private static final Pattern TOKEN =
            pattern(LONG_PUNCTUATION + "|(?=[^(\"`{\\[:;&#*@)}\\]\\-,])\\S+?(?=\\s|$|" + OPENS_OR_CLOSES + "|"
                    + LONG_PUNCTUATION + "|,(?=$|\\s|" + OPENS_OR_CLOSES + "|" + LONG_PUNCTUATION + "))|\\S");

    /** What belongs to the sentence before it. */
    private static final Pattern CLOSING =
            pattern("(?m)[\"')\\]}\u2018\u2019\u201c\u201d\u00ab\u00bb]+?(?:\\s+|(?=--)|$)");

    private static final Pattern NUMBER = pattern("-?[.,]?\\d[\\d,.-]*\\.?");
    private static final Pattern INITIAL = pattern("\\p{L}\\.");

    private static final Set<String> ABBREVIATIONS =
            words("mr mrs ms dr prof st sr jr messrs gen col lt maj adm sen rep"
                    + " reps jan feb aug sep sept oct nov dec tues wed fri inc ltd co corp cos bros cie vs v yr ft mg ave c d e f g"
                    + " h k l m n p r s t w u.s u.k u.n u.s.a u.s.s.r d.c n.y n.j n.c s.c l.a a.m p.m a.d ph.d m.b.a ala ariz"
                    + " calif colo conn fla ga ill kan ky mich minn nev okla ore pa tenn va vt wash wis w.va");

    /** Words that begin many a sentence. */
    private static final Set<String> STARTERS = words("the this these there they he it i in but if when while so some"
            + " many most both although though however moreover meanwhile instead indeed since even yet nor thus despite"
            + " under among according similarly nevertheless nonetheless separately");

    /** Words that have a capital only where a sentence begins. */
    private static final Set<String> ORDINARY = words("above accordingly almost already always anyone anything anyway"
            + " apparently ask become begin behind being besides between beyond build call cannot certainly check choose"
            + " compare consider create currently depending describe discover does dozens either else enough ensure"
            + " especially essentially eventually ever exactly except explain explore finally finish follow frequently"
            + " furthermore hence her here hers herself him himself imagine importantly including initially inside learn"
            + " likewise listen literally mainly mix naturally neither normally notably note nothing occasionally otherwise"
            + " overall particularly partly please plenty possibly presumably previously probably provide put rarely"
            + " recently regardless regularly remember roughly sadly seeing send serve shortly simply slowly somehow"
            + " someone sometimes soon sorry specifically speak still suddenly surely surprisingly thank thanks themselves"
            + " therefore think together tomorrow try turn typically ultimately unfortunately unless unlike us visitors wait"
            + " walk whenever whereas wherever whether whichever whom within without yes yesterday your yourself");

    /** Words that also stand inside of sentences, without a capital. */
    private static final Set<String> LOWER_CASE = words("a about after again against all also am an and another any are"
            + " around as at away back be because been before below by can come could day did do down during each every"
            + " everyone everything few find first five for four from get give go good great had has have having his how"
            + " is its itself just keep last late later less let like long look made make may maybe me might more much must"
            + " my near never new next no nobody none not now of off often old on once one only open or other others our"
            + " out over own people perhaps quite rather really right same second see several she should six small"
            + " something such take ten than that their them then third those three through to today too two until up use"
            + " was we well were what where which who why will with would you");

    private Sentences() {}

    static int count(String text) {
        int count = 0;
        int start = 0;
        Matcher end = END.matcher(text);
        boolean found = end.find();
        while (found) {
            MatchResult candidate = end.toMatchResult();
            found = end.find();
            // Of several marks in one word the last counts.
            boolean goesOn = found
                    && text.substring(candidate.end(), end.start()).chars().noneMatch(Sentences::isSpace);
            if (goesOn || !endsSentence(text, candidate)) {
                continue;
            }
            count += start < candidate.end() ? 1 : 0;
            int next = candidate.start(2) >= 0 ? candidate.start(2) : candidate.end();
            Matcher closing = CLOSING.matcher(text).region(next, text.length());
            start = closing.lookingAt() ? closing.end() : next;
        }
        return count + (start < text.stripTrailing().length() ? 1 : 0);
    }

    private static boolean endsSentence(String text, MatchResult end) {
        if (end.group(3) != null) {
            return true;
        }
        int word = end.start();
        while (word > 0 && !isSpace(text.charAt(word - 1))) {
            word--;
        }
        String after = end.group(1) != null ? end.group(1) : " " + end.group(2);
        List<String> tokens = TOKEN.matcher(text.substring(word, end.end()) + after)
                .results()
                .map(MatchResult::group)
                .toList();
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (endsSentence(tokens.get(i), tokens.get(i + 1))) {
                return true;
            }
        }
        return false;
    }

    private static boolean endsSentence(String token, String next) {
        if (token.equals("?") || token.equals("!") || token.equals(".")) {
            return true;
        }
        if (!token.endsWith(".")) {
            return false;
        }
        String word = token.substring(0, token.length() - 1).toLowerCase(Locale.ROOT);
        String following = next.replaceAll("\\.$", "").toLowerCase(Locale.ROOT);
        boolean capital = Character.isUpperCase(next.codePointAt(0));
        boolean initial = INITIAL.matcher(token).matches();
        boolean begins = capital && ORDINARY.contains(following);
        if (ABBREVIATIONS.contains(word)
                || ABBREVIATIONS.contains(word.substring(word.lastIndexOf('-') + 1))
                || token.endsWith("..")) {
            return !initial && (begins || (capital && STARTERS.contains(following)));
        }
        if (initial || NUMBER.matcher(token).matches()) {
            boolean goesOn = Character.isLowerCase(next.codePointAt(0)) || ";:,.!?".contains(next);
            boolean name =
                    initial && capital && !begins && !LOWER_CASE.contains(following) && !STARTERS.contains(following);
            return !goesOn && !name;
        }
        return true;
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    private static Set<String> words(String listed) {
        return Set.copyOf(Arrays.asList(listed.split(" ")));
    }
}
