package dev.hone.datasets.synthesize;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers that are near a right one and wrong: a verifier that takes one of them cannot check the task. */
final class Perturbed {
    private static final Pattern WHOLE = Pattern.compile("\\d{1,100}");
    private static final Pattern CHOICE = Pattern.compile("\\(?([A-Ha-h])\\)?\\.?");
    private static final String NOTHING = "none";

    private Perturbed() {}

    static List<String> of(String answer) {
        Matcher choice = CHOICE.matcher(answer.strip());
        if (choice.matches()) {
            char letter = choice.group(1).charAt(0);
            return List.of(String.valueOf((char) (letter + 1)), String.valueOf((char) (letter + 2)));
        }
        List<String> wrong = new ArrayList<>();
        Matcher whole = WHOLE.matcher(answer);
        if (whole.find()) {
            BigInteger number = new BigInteger(whole.group());
            for (BigInteger near : List.of(
                    number.add(BigInteger.ONE), number.multiply(BigInteger.TEN).add(BigInteger.TWO))) {
                wrong.add(answer.substring(0, whole.start()) + near + answer.substring(whole.end()));
            }
            if (whole.start() == 0 && number.signum() != 0) {
                wrong.add("-" + answer);
            }
        } else {
            wrong.add("3 " + answer);
        }
        wrong.add(answer.equalsIgnoreCase(NOTHING) ? "all" : NOTHING);
        return wrong;
    }
}
