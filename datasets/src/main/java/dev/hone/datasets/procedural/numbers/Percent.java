package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.math.BigDecimal;
import java.util.Random;

/** {@code A price of 240 rises by 15%, then falls by 10%. What is it then?}, one change a line. */
final class Percent extends LeveledGenerator {
    private static final int[] CHANGES = {1, 1, 2, 3, 4};
    private static final int[] STEP = {10, 5, 10, 10, 10};

    Percent() {
        super("percent", "math", "value", CHANGES.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        BigDecimal price = BigDecimal.valueOf(10L * between(random, 2, 99));
        StringBuilder prompt = new StringBuilder("A price of " + price.toPlainString());
        StringBuilder work = new StringBuilder();
        for (int i = 0; i < CHANGES[level - 1]; i++) {
            int percent = STEP[level - 1] * between(random, 1, 50 / STEP[level - 1]);
            boolean rises = random.nextBoolean();
            prompt.append(i == 0 ? "" : ", then").append(rises ? " rises by " : " falls by ");
            prompt.append(percent).append('%');
            BigDecimal change = price.multiply(BigDecimal.valueOf(percent)).movePointLeft(2);
            BigDecimal next = rises ? price.add(change) : price.subtract(change);
            work.append(percent)
                    .append("% of ")
                    .append(plain(price))
                    .append(" is ")
                    .append(plain(change))
                    .append(", ");
            work.append(plain(price))
                    .append(rises ? '+' : '-')
                    .append(plain(change))
                    .append('=')
                    .append(plain(next));
            work.append('\n');
            price = next;
        }
        return new Problem(prompt + ". What is it then?", work.toString(), plain(price));
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
