using System;
using System.Collections.Generic;
using LowLatency.Core.Signals.Rules;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>How expressions are read: one case a line.</summary>
public sealed class RuleGrammarTests
{
    private const string Binary = "or:1 and:2 <:4 <=:4 >:4 >=:4 ==:4 !=:4 crosses_above:4 crosses_below:4 +:5 -:5 *:6 /:6";

    public static TheoryData<string, string> Trees => RuleTexts.Table(
        """
        # values
        1 => 1
        0.25 => 0.25
        00.50 => 0.5
        123456789012345 => 123456789012345
        true => true
        false => false
        close => close
        open => open
        high => high
        low => low
        volume => volume
        bid => bid
        ask => ask
        mid => mid
        spread => spread
        position => position
        entry => entry
        stance => stance
        bars_held => bars_held
        slow.close => slow.close
        slow.volume => slow.volume
        a => a
        a.value => a.value
        m.line => m.line
        m.signal => m.signal
        s.high_confirmed => s.high_confirmed
        z.on => z.on
        # look back
        close[0] => close
        close[1] => close[1]
        close[1000] => close[1000]
        close [ 3 ] => close[3]
        a[2] => a[2]
        m.line[2] => m.line[2]
        slow.close[2] => slow.close[2]
        z.on[1] => z.on[1]
        stance[1] == stance => (== stance[1] stance)
        # arithmetic
        1 + 2 => (+ 1 2)
        1+2 => (+ 1 2)
        1 - 2 - 3 => (- (- 1 2) 3)
        1 - (2 - 3) => (- 1 (- 2 3))
        8 / 4 / 2 => (/ (/ 8 4) 2)
        1 + 2 * 3 => (+ 1 (* 2 3))
        (1 + 2) * 3 => (* (+ 1 2) 3)
        -close => (neg close)
        --close => (neg (neg close))
        -close * 2 => (* (neg close) 2)
        2 * -close => (* 2 (neg close))
        2 - -3 => (- 2 (neg 3))
        -(1 + 2) => (neg (+ 1 2))
        -close[1] => (neg close[1])
        abs(close - open) => (abs (- close open))
        min(1, 2) => (min 1 2)
        max(close, open[1]) => (max close open[1])
        min(max(1, 2), abs(-3)) => (min (max 1 2) (abs (neg 3)))
        abs(1) - abs(2) => (- (abs 1) (abs 2))
        # comparisons
        close > open => (> close open)
        close>open => (> close open)
        close >= open => (>= close open)
        close < open => (< close open)
        close <= open => (<= close open)
        close == open => (== close open)
        close != open => (!= close open)
        close + 1 > open * 2 => (> (+ close 1) (* open 2))
        -1 < -close => (< (neg 1) (neg close))
        z.on == true => (== z.on true)
        z.on != (close > open) => (!= z.on (> close open))
        stance == 'flat' => (== stance 'flat')
        stance != 'short' => (!= stance 'short')
        'long' == stance => (== 'long' stance)
        s.last == 'high' => (== s.last 'high')
        # between: both forms are one
        close between 1..2 => (between close 1 2)
        close between [1, 2] => (between close 1 2)
        close between [ 1 , 2 ] => (between close 1 2)
        close between 1 .. 2 => (between close 1 2)
        close between 1.5..2.5 => (between close 1.5 2.5)
        close between [1.5, 2.5] => (between close 1.5 2.5)
        close between low..high => (between close low high)
        close between [low, high] => (between close low high)
        close between low - 1..high + 1 => (between close (- low 1) (+ high 1))
        close between [low - 1, high + 1] => (between close (- low 1) (+ high 1))
        close between -2..-1 => (between close (neg 2) (neg 1))
        close between [-2, -1] => (between close (neg 2) (neg 1))
        close between a..m.line => (between close a m.line)
        close between [a, m.line] => (between close a m.line)
        close between low[1]..high[1] => (between close low[1] high[1])
        close between [low[1], high[1]] => (between close low[1] high[1])
        close between min(1, 2)..3 => (between close (min 1 2) 3)
        (close between 1..2) == (open between [3, 4]) => (== (between close 1 2) (between open 3 4))
        close + 1 between 1..2 => (between (+ close 1) 1 2)
        not close between 1..2 => (not (between close 1 2))
        close between 1..2 and open between [3, 4] => (and (between close 1 2) (between open 3 4))
        close between 1..2 for 3 bars => (for 3 (between close 1 2))
        # crosses
        close crosses_above a => (crosses_above close a)
        close crosses_below a => (crosses_below close a)
        close crosses_above 10 => (crosses_above close 10)
        10 crosses_above close => (crosses_above 10 close)
        close - open crosses_above a + 1 => (crosses_above (- close open) (+ a 1))
        close crosses_above a and close > 1 => (and (crosses_above close a) (> close 1))
        # conditions
        not true => (not true)
        not not true => (not (not true))
        not close > open => (not (> close open))
        not true and false => (and (not true) false)
        not (true and false) => (not (and true false))
        true and false or true => (or (and true false) true)
        true or false and true => (or true (and false true))
        (true or false) and true => (and (or true false) true)
        true and true and true => (and (and true true) true)
        true or true or true => (or (or true true) true)
        close > open and low > 1 or z.on => (or (and (> close open) (> low 1)) z.on)
        z.on and not z.on[1] => (and z.on (not z.on[1]))
        # runs
        close > open for 3 bars => (for 3 (> close open))
        close > open for 1 bar => (for 1 (> close open))
        close > open within 5 bars => (within 5 (> close open))
        z.on for 2 bars => (for 2 z.on)
        true for 10000 bars => (for 10000 true)
        not close > open for 3 bars => (not (for 3 (> close open)))
        (not close > open) for 3 bars => (for 3 (not (> close open)))
        z.on and close > open for 3 bars => (and z.on (for 3 (> close open)))
        (z.on and close > open) for 3 bars => (for 3 (and z.on (> close open)))
        z.on for 2 bars or z.on within 3 bars => (or (for 2 z.on) (within 3 z.on))
        (z.on for 2 bars) within 3 bars => (within 3 (for 2 z.on))
        close crosses_above a within 4 bars => (within 4 (crosses_above close a))
        ((close)) => close
        (((close > open))) => (> close open)
        """);

    public static TheoryData<string, string> Mistakes => RuleTexts.Table(
        """
        # characters and words
        close = open => 7: '=' does not compare; did you mean "=="?
        z.on && z.on => 6: '&' does not exist; did you mean "and"?
        z.on || z.on => 6: '|' does not exist; did you mean "or"?
        !z.on => 1: '!' does not exist; did you mean "not"?
        close % 2 => 7: the character '%' has no meaning here
        close > 5x => 9: a number is digits with at most one point, such as 0.25
        close > 1e3 => 9: a number is digits with at most one point, such as 0.25
        close > .5 => 9: "." stands where a value was expected
        close > 5. => 10: "." was not expected here
        close > 1.2.3 => 12: "." was not expected here
        stance == 'flat => 11: a word has no closing quote
        close > 1234567890123456789 => 9: a number has at most 17 digits
        # missing and misplaced
        close > => 8: the expression ends where a value was expected
        > close => 1: ">" stands where a value was expected
        close open => 7: "open" was not expected here; an operator or the end was
        close close > 1 => 7: "close" was not expected here
        (close > open => 14: ')' was expected
        close > open) => 13: ")" was not expected here
        () => 2: ")" stands where a value was expected
        close + => 8: the expression ends where a value was expected
        * 2 => 1: "*" stands where a value was expected
        and true => 1: "and" stands where a value was expected
        true and => 9: the expression ends where a value was expected
        true or or true => 9: "or" stands where a value was expected
        not => 4: the expression ends where a value was expected
        bars => 1: "bars" stands where a value was expected
        z.on not z.on => 6: "not" was not expected here
        1 < close < 2 => 11: comparisons do not chain; join two with "and", or use "between"
        close > open > low => 14: comparisons do not chain
        close == open == low => 15: comparisons do not chain
        close between 1..2 between 3..4 => 20: comparisons do not chain
        close crosses_above open crosses_above low => 26: comparisons do not chain
        # between
        close between 1 and 2 => 17: ".." was expected between the bounds
        close between 1, 2 => 16: ".." was expected between the bounds
        close between [1..2] => 17: ',' was expected between the bounds
        close between [1, 2 => 20: ']' was expected after the bounds
        close between [1] => 17: ',' was expected between the bounds
        close between => 14: the expression ends where a value was expected
        close between 5..3 => 15: the lower bound 5 is above the upper bound 3: never true
        close between [5, 3] => 16: the lower bound 5 is above the upper bound 3: never true
        # look back
        close[-1] => 7: a look back must be a whole number from 0 to 1000
        close[1.5] => 7: a look back must be a whole number from 0 to 1000
        close[1001] => 7: a look back must be a whole number from 0 to 1000
        close[a] => 7: a look back must be a whole number from 0 to 1000
        close[] => 7: a look back must be a whole number from 0 to 1000
        close[1 => 8: ']' was expected
        (close + 1)[2] => 12: only a name can be looked back at: give the expression a name under "let"
        close[1][1] => 9: "[" was not expected here
        # runs
        close > open for 0 bars => 18: the bars of a run must be a whole number from 1 to 10000
        close > open for 10001 bars => 18: the bars of a run must be a whole number from 1 to 10000
        close > open for bars => 18: the bars of a run must be a whole number from 1 to 10000
        close > open for 1.5 bars => 18: the bars of a run must be a whole number from 1 to 10000
        close > open for 3 => 19: "bars" was expected after their number
        close > open for 3 candles => 20: "bars" was expected after their number
        z.on for 2 bars for 2 bars => 17: "for" was not expected here
        # functions
        abs close => 5: '(' was expected after "abs"
        abs(close, 1) => 10: ')' was expected
        min(1) => 6: "min" takes two numbers: ',' was expected
        max(1, 2, 3) => 9: ')' was expected
        abs() => 5: ")" stands where a value was expected
        sqrt(close) => 5: "(" was not expected here
        # names
        clsoe > 1 => 1: nothing is named "clsoe"; did you mean "close"?
        Close > 1 => 1: nothing is named "Close"; did you mean "close"?
        xyzzy > 1 => 1: nothing is named "xyzzy"; known here: open, high, low, close
        vwap > 1 => 1: nothing is named "vwap"
        m > 1 => 1: "m" has several outputs: m.line, m.signal, m.histogram
        m.lines > 1 => 1: "m" has no output "lines"; did you mean "line"?
        m.value > 1 => 1: "m" has no output "value"; known here: line, signal, histogram
        mm.line > m.line => 1: no indicator or timeframe is named "mm"; known here: m
        close.line > 1 => 1: no indicator or timeframe is declared, so "close.line" means nothing
        slow.clse > 1 => 1: a bar has no field "clse"; did you mean "close"?
        slow.bid > 1 => 1: a bar has no field "bid"
        a. > 1 => 4: the name of an output was expected after "a."
        a.value.more > 1 => 8: "." was not expected here
        x > 1 => 1: nothing is named "x"
        # types
        z.on > 1 => 1: ">" takes a number, and this is a condition
        1 > z.on => 5: ">" takes a number, and this is a condition
        z.on + 1 => 1: "+" takes a number, and this is a condition
        -z.on => 2: "neg" takes a number, and this is a condition
        abs(z.on) => 5: "abs" takes a number, and this is a condition
        close and z.on => 1: "and" takes a condition, and this is a number
        z.on or 1 => 9: "or" takes a condition, and this is a number
        not close => 5: "not" takes a condition, and this is a number
        close for 3 bars => 1: "for" takes a condition, and this is a number
        1 within 3 bars => 1: "within" takes a condition, and this is a number
        z.on between 0..1 => 1: "between" takes a number, and this is a condition
        z.on crosses_above 1 => 1: "crosses_above" takes a number, and this is a condition
        stance > 1 => 1: ">" takes a number, and this is a word
        stance and z.on => 1: "and" takes a condition, and this is a word
        z.on == 1 => 9: "==" compares a condition with a number
        close == z.on => 10: "==" compares a number with a condition
        close == stance => 10: "==" compares a number with a word
        close == 'flat' => 10: the word 'flat' is compared with a number
        z.on == 'on' => 9: the word 'on' is compared with a condition
        stance == 'shrt' => 11: it is never 'shrt'; did you mean "short"?
        stance == 'up' => 11: it is never 'up'; known here: flat, long, short
        s.last == 'hihg' => 11: it is never 'hihg'; did you mean "high"?
        stance == s.last => 11: the two have different words: flat, long, short and high, low
        'flat' == 'flat' => 1: a word such as 'flat' is only compared
        'flat' => 1: a word such as 'flat' is only compared
        stance < 'long' => 1: "<" takes a number, and this is a word
        # nonsense
        1 crosses_above 2 => 3: two constants never cross
        close / 0 => 9: a division by zero is never ready
        """);

    public static TheoryData<string, string> Precedence
    {
        get
        {
            TheoryData<string, string> rows = [];
            (string Sign, int Level)[] operators = Operators();
            foreach ((string first, int high) in operators)
            {
                foreach ((string second, int low) in operators)
                {
                    // Comparisons do not chain, and a comparison gives a condition that arithmetic does not take.
                    if (high == 4 && low == 4)
                    {
                        continue;
                    }

                    string tree = high >= low ? $"({second} ({first} p q) r)" : $"({first} p ({second} q r))";
                    rows.Add($"p {first} q {second} r", tree);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void An_expression_is_understood_as_written(string expression, string tree) =>
        Assert.Equal(tree, RuleTexts.Valid(RuleTexts.Of(expression)).Expression("x").ToString());

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place(string expression, string expected)
    {
        RuleReading reading = RuleProgram.Read(RuleTexts.Of(expression));

        Assert.Null(reading.Program);
        RuleProblem first = reading.Problems[0];
        string shown = $"{first.Column - RuleTexts.ExpressionColumn + 1}: {first.Message}";
        Assert.StartsWith(expected, shown, StringComparison.Ordinal);
        Assert.Equal(5, first.Line);
    }

    /// <summary>Every pair of operators, grouped as a table of levels says; types are not looked at for that.</summary>
    [Theory]
    [MemberData(nameof(Precedence))]
    public void Two_operators_group_by_their_levels(string expression, string tree)
    {
        // The grouping shows in the types: only one bracketing of the operands fits both operators' types.
        string shown = tree;
        foreach (string name in (string[])["p", "q", "r"])
        {
            shown = shown.Replace(" " + name, " " + TypedOperand(tree, name), StringComparison.Ordinal);
        }

        string typed = expression;
        foreach (string name in (string[])["p", "q", "r"])
        {
            typed = System.Text.RegularExpressions.Regex.Replace(typed, $@"\b{name}\b", TypedOperand(tree, name));
        }

        RuleReading reading = RuleProgram.Read(RuleTexts.Of(typed));
        if (reading.Program is { } program)
        {
            Assert.Equal(shown, program.Expression("x").ToString());
        }
        else
        {
            // An operator that cannot take what the other makes is refused where the levels put it, not regrouped.
            Assert.Contains(reading.Problems, problem => problem.Message.Contains("takes a", StringComparison.Ordinal)
                || problem.Message.Contains("compares a", StringComparison.Ordinal));
        }
    }

    /// <summary>Conditions for the operators of conditions, numbers for the others.</summary>
    private static string TypedOperand(string tree, string name)
    {
        int at = tree.IndexOf(" " + name, StringComparison.Ordinal);
        int open = at;
        for (int depth = 0; depth < 1;)
        {
            open--;
            depth += tree[open] == '(' ? 1 : tree[open] == ')' ? -1 : 0;
        }

        string sign = tree[(open + 1)..tree.IndexOf(' ', open)];
        return sign is "and" or "or" ? "z.on" : name switch { "p" => "close", "q" => "open", _ => "high" };
    }

    private static (string Sign, int Level)[] Operators()
    {
        List<(string, int)> operators = [];
        foreach (string part in Binary.Split(' '))
        {
            string[] sides = part.Split(':');
            operators.Add((sides[0], int.Parse(sides[1], System.Globalization.CultureInfo.InvariantCulture)));
        }

        return [.. operators];
    }
}
