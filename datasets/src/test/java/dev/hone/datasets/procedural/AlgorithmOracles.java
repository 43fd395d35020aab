package dev.hone.datasets.procedural;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What algorithms come to, by other algorithms. */
final class AlgorithmOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "bubble_sort", AlgorithmOracles::bubbleSort,
            "binary_search", AlgorithmOracles::binarySearch,
            "shortest_path", AlgorithmOracles::shortestPath,
            "knapsack", AlgorithmOracles::knapsack,
            "coin_change", AlgorithmOracles::coinChange,
            "increasing_subsequence", AlgorithmOracles::increasingSubsequence);

    private AlgorithmOracles() {}

    /** Bubble sort swaps once for each pair in the wrong order. */
    private static String bubbleSort(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        int inversions = 0;
        for (int i = 0; i < numbers.size(); i++) {
            for (int j = i + 1; j < numbers.size(); j++) {
                inversions += numbers.get(i) > numbers.get(j) ? 1 : 0;
            }
        }
        return Integer.toString(inversions);
    }

    private static String binarySearch(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        List<Integer> looked = new ArrayList<>();
        search(numbers.subList(1, numbers.size()), numbers.get(0), looked);
        return GeometryOracles.joined(looked);
    }

    private static void search(List<Integer> numbers, int wanted, List<Integer> looked) {
        if (numbers.isEmpty()) {
            return;
        }
        int middle = (numbers.size() - 1) / 2;
        looked.add(numbers.get(middle));
        if (numbers.get(middle) < wanted) {
            search(numbers.subList(middle + 1, numbers.size()), wanted, looked);
        } else if (numbers.get(middle) > wanted) {
            search(numbers.subList(0, middle), wanted, looked);
        }
    }

    /** Floyd and Warshall's. */
    private static String shortestPath(String prompt) {
        int[][] lengths = new int[8][8];
        for (int a = 0; a < 8; a++) {
            for (int b = 0; b < 8; b++) {
                lengths[a][b] = a == b ? 0 : 10_000;
            }
        }
        Matcher road = Pattern.compile("([A-H])-([A-H]) (\\d+)").matcher(prompt);
        while (road.find()) {
            int a = road.group(1).charAt(0) - 'A';
            int b = road.group(2).charAt(0) - 'A';
            lengths[a][b] = Integer.parseInt(road.group(3));
            lengths[b][a] = lengths[a][b];
        }
        for (int via = 0; via < 8; via++) {
            for (int a = 0; a < 8; a++) {
                for (int b = 0; b < 8; b++) {
                    lengths[a][b] = Math.min(lengths[a][b], lengths[a][via] + lengths[via][b]);
                }
            }
        }
        return Integer.toString(lengths[0][prompt.charAt(prompt.indexOf("A to ") + 5) - 'A']);
    }

    /** Every choice of things. */
    private static String knapsack(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        int things = (numbers.size() - 1) / 2;
        int best = 0;
        for (int chosen = 0; chosen < 1 << things; chosen++) {
            int weight = 0;
            int value = 0;
            for (int thing = 0; thing < things; thing++) {
                if ((chosen >> thing & 1) == 1) {
                    weight += numbers.get(1 + 2 * thing);
                    value += numbers.get(2 + 2 * thing);
                }
            }
            best = weight <= numbers.get(0) ? Math.max(best, value) : best;
        }
        return Integer.toString(best);
    }

    /** Breadth first, a coin a step. */
    private static String coinChange(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        int sum = numbers.get(numbers.size() - 1);
        List<Integer> coins = numbers.subList(0, numbers.size() - 1);
        int[] steps = new int[sum + 1];
        ArrayDeque<Integer> sums = new ArrayDeque<>(List.of(0));
        while (steps[sum] == 0) {
            int reached = sums.remove();
            for (int coin : coins) {
                if (reached + coin <= sum && steps[reached + coin] == 0) {
                    steps[reached + coin] = steps[reached] + 1;
                    sums.add(reached + coin);
                }
            }
        }
        return Integer.toString(steps[sum]);
    }

    /** Every subsequence. */
    private static String increasingSubsequence(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        int longest = 0;
        for (int chosen = 0; chosen < 1 << numbers.size(); chosen++) {
            int last = 0;
            boolean increasing = true;
            for (int i = 0; i < numbers.size(); i++) {
                if ((chosen >> i & 1) == 1) {
                    increasing &= numbers.get(i) > last;
                    last = numbers.get(i);
                }
            }
            longest = increasing ? Math.max(longest, Integer.bitCount(chosen)) : longest;
        }
        return Integer.toString(longest);
    }
}
