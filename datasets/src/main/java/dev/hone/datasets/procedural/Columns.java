package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;

/** Written arithmetic, column by column from the units. */
final class Columns {
    private Columns() {}

    /**
     * One operation worked out: {@code 37+58:7+8=15,3+5+1=9}. A column is its digits and the carry, if any; a difference
     * that would fall below zero borrows ten: {@code 52-37:2-7+10=5,5-3-1=1}. A single column needs no head: {@code 7+8=15}.
     *
     * @param a at least {@code b} where the operator is {@code -}
     * @param b of one digit where the operator is {@code *}
     */
    static String work(int a, char operator, int b) {
        String left = Integer.toString(a);
        String right = Integer.toString(b);
        List<String> columns = new ArrayList<>();
        int carry = 0;
        for (int place = 0; place < Math.max(left.length(), right.length()); place++) {
            int x = digit(left, place);
            int y = operator == '*' ? b : digit(right, place);
            boolean paired = operator == '*' || place < Math.min(left.length(), right.length());
            StringBuilder column = new StringBuilder();
            column.append(paired || place < left.length() ? x : y);
            if (paired) {
                column.append(operator).append(y);
            }
            if (carry > 0) {
                column.append(operator == '-' ? '-' : '+').append(carry);
            }
            int value = operator == '*' ? x * y + carry : operator == '-' ? x - y - carry : x + y + carry;
            if (value < 0) {
                column.append("+10");
                value += 10;
                carry = 1;
            } else {
                carry = operator == '-' ? 0 : value / 10;
            }
            columns.add(paired || column.length() > 1 ? column + "=" + value : column.toString());
        }
        String work = String.join(",", columns);
        return columns.size() == 1 ? work : left + operator + right + ":" + work;
    }

    private static int digit(String number, int place) {
        return place < number.length() ? number.charAt(number.length() - 1 - place) - '0' : 0;
    }
}
