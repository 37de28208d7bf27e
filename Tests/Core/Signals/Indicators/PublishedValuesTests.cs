using System;
using System.Globalization;
using LowLatency.Core.Signals.Indicators;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>
/// Values that others published: the first sixty days of the standard quotes of Stock.Indicators (D. Skender) and the
/// results beside them, which its authors made with spreadsheets (tests/indicators/_testdata, commit d5c66604).
/// </summary>
/// <remarks>
/// Their Donchian channel leaves the current bar out, so theirs of a day is ours of the day before. Their Fisher
/// transform starts in a window that is not whole: what that was has faded after fifty days.
/// </remarks>
public sealed class PublishedValuesTests
{
    /// <summary>Open, high, low, close in cents, volume.</summary>
    private static readonly (long Open, long High, long Low, long Close, long Volume)[] Quotes =
    [
        (21261, 21335, 21152, 21280, 96708880), (21316, 21422, 21315, 21406, 83348752),
        (21377, 21406, 21302, 21389, 82961968), (21402, 21517, 21342, 21466, 75744152),
        (21438, 21453, 21391, 21395, 49684316), (21397, 21489, 21352, 21395, 67500792),
        (21386, 21455, 21313, 21455, 79014928), (21399, 21422, 21253, 21402, 76329760),
        (21421, 21484, 21417, 21451, 66385084), (21381, 21425, 21333, 21375, 64821664),
        (21402, 21427, 21342, 21422, 57997156), (21431, 21446, 21296, 21343, 70503512),
        (21418, 21475, 21349, 21421, 136721344), (21385, 21428, 21283, 21366, 79450624),
        (21389, 21548, 21377, 21503, 101142584), (21607, 21689, 21589, 21689, 89374928),
        (21673, 21702, 21636, 21666, 63477304), (21675, 21691, 21612, 21632, 63202528),
        (21557, 21559, 21390, 21498, 84399624), (21444, 21503, 21382, 21496, 80317680),
        (21565, 21596, 21440, 21505, 83743792), (21465, 21550, 21429, 21519, 73730552),
        (21618, 21687, 21584, 21667, 85273832), (21623, 21666, 21592, 21628, 61169192),
        (21671, 21697, 21609, 21629, 61318484), (21598, 21672, 21570, 21658, 54581376),
        (21688, 21819, 21684, 21786, 69811760), (21824, 21897, 21788, 21872, 69875952),
        (21926, 22019, 21923, 21991, 58408632), (21971, 22080, 21933, 22079, 75266840),
        (22055, 22215, 22050, 22194, 91860344), (22198, 22216, 22093, 22175, 89676304),
        (22103, 22210, 22101, 22210, 81718352), (22251, 22362, 22250, 22343, 94146880),
        (22298, 22347, 22280, 22323, 65747160), (22379, 22381, 22255, 22338, 78978816),
        (22245, 22371, 22241, 22366, 87198608), (22357, 22420, 22329, 22401, 59819992),
        (22360, 22386, 22298, 22341, 102631472), (22522, 22704, 22520, 22653, 157879712),
        (22633, 22634, 22505, 22511, 74353376), (22501, 22543, 22460, 22525, 86767480),
        (22438, 22497, 22392, 22458, 58630368), (22425, 22464, 22368, 22391, 68910464),
        (22423, 22451, 22334, 22349, 82739456), (22362, 22413, 22272, 22378, 95986360),
        (22482, 22487, 22352, 22456, 86785840), (22449, 22472, 22413, 22467, 60604724),
        (22408, 22413, 22314, 22381, 63382108), (22444, 22621, 22418, 22575, 101699816),
        (22590, 22599, 22495, 22531, 82924856), (22559, 22580, 22491, 22491, 93798120),
        (22491, 22522, 22424, 22466, 55368008), (22533, 22546, 22164, 22178, 138912016),
        (22182, 22261, 22113, 22230, 102826864), (22204, 22331, 22166, 22206, 105821032),
        (22240, 22302, 22105, 22190, 118567344), (22007, 22196, 21977, 22167, 92167056),
        (22134, 22375, 22122, 22329, 98521432), (22297, 22375, 22272, 22350, 65288636),
    ];

    /// <summary>Indicator, day counted from 0, its outputs (prices in dollars).</summary>
    public static TheoryData<string, int, double[]> Published => new()
    {
        { "sma", 19, [214.525] },
        { "sma", 24, [215.031] },
        { "sma", 39, [220.339] },
        { "sma", 59, [223.8145] },
        { "ema", 19, [214.525] },
        { "ema", 24, [215.0919584] },
        { "ema", 39, [221.0757352] },
        { "ema", 59, [223.0659455] },
        { "wma", 19, [215.1333333] },
        { "wma", 24, [215.7467619] },
        { "wma", 39, [223.3098095] },
        { "wma", 59, [223.0972381] },
        { "kama", 13, [213.7660091, 0.176056338] },
        { "kama", 24, [214.742336, 0.213559322] },
        { "kama", 39, [224.222482, 0.7435233161] },
        { "kama", 59, [223.7927203, 0.3237410072] },
        { "rsi", 14, [62.05405405] },
        { "rsi", 24, [61.42722545] },
        { "rsi", 39, [82.82478121] },
        { "rsi", 59, [54.39289319] },
        { "macd", 33, [2.202501461, 1.521700603, 0.6808008579] },
        { "macd", 39, [2.583069225, 2.203968885, 0.3791003406] },
        { "macd", 49, [1.720289647, 1.967536617, -0.24724697] },
        { "macd", 59, [0.3844934174, 0.8008667944, -0.416373377] },
        { "atr", 14, [1.336428571] },
        { "atr", 24, [1.303369852] },
        { "atr", 39, [1.41057846] },
        { "atr", 59, [1.596528778] },
        { "bollinger", 19, [216.588749, 214.525, 212.461251, 0.01924017262, 0.6053907226] },
        { "bollinger", 24, [217.2102099, 215.031, 212.8517901, 0.02026879797, 0.7888661556] },
        { "bollinger", 39, [227.1387232, 220.339, 213.5392768, 0.06172055995, 0.9552391172] },
        { "bollinger", 59, [226.3354242, 223.8145, 221.2935758, 0.0225269072, 0.4376220841] },
        { "donchian", 19, [217.02, 214.27, 211.52] },
        { "donchian", 23, [217.02, 214.775, 212.53] },
        { "donchian", 38, [224.2, 219.01, 213.82] },
        { "donchian", 58, [227.04, 223.405, 219.77] },
        { "keltner", 19, [217.2731933, 214.525, 211.7768067] },
        { "keltner", 24, [217.6790202, 215.0919584, 212.5048965] },
        { "keltner", 39, [223.9867695, 221.0757352, 218.1647009] },
        { "keltner", 59, [226.3944171, 223.0659455, 219.7374738] },
        { "adx", 29, [19.79490498, 37.97189546, 14.16582984] },
        { "adx", 33, [28.79613962, 41.96554834, 10.42765222] },
        { "adx", 45, [42.18419104, 30.40919221, 17.01435157] },
        { "adx", 59, [25.07823342, 24.47205938, 25.03903453] },
        { "stochastic", 19, [64.36525612, 77.82727048] },
        { "stochastic", 24, [85.52108194, 76.77439893] },
        { "stochastic", 39, [94.49019608, 95.63384992] },
        { "stochastic", 59, [47.36024845, 34.11090718] },
        { "fisher", 55, [-0.5872501691, -0.2070729047] },
        { "fisher", 59, [-1.100287026, -1.389502363] },
        { "vwap", 9, [213.8062452] },
        { "vwap", 24, [214.6368596] },
        { "vwap", 39, [217.5443042] },
        { "vwap", 59, [219.7106789] },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void The_outputs_are_those_that_were_published(string name, int day, double[] expected)
    {
        BarIndicator indicator = Of(name);
        for (int i = 0; i <= day; i++)
        {
            (long open, long high, long low, long close, long volume) = Quotes[i];
            indicator.Update(BarPaths.Of(i, open, high, low, close, volume));
        }

        for (int output = 0; output < expected.Length; output++)
        {
            double scale = indicator.Schema.Outputs[output].Type == OutputType.Price ? 100.0 : 1.0;
            double actual = indicator.Output(output) / scale;
            Assert.True(
                Math.Abs(actual - expected[output]) < 1e-6 * Math.Max(1.0, Math.Abs(expected[output])),
                string.Create(CultureInfo.InvariantCulture, $"{name}, day {day}, output {output}: {actual:R}"));
        }
    }

    [Fact]
    public void The_deviation_of_a_sample_would_not_be_what_was_published()
    {
        double[] closes = new double[20];
        for (int i = 0; i < closes.Length; i++)
        {
            closes[i] = Quotes[i].Close / 100.0;
        }

        Assert.Equal(216.588749, Naive.Bollinger(closes, 20, 2.0)[0]!.Value, 6);
        Assert.NotEqual(216.588749, Naive.Bollinger(closes, 20, 2.0, less: 1)[0]!.Value, 2);
    }

    private static BarIndicator Of(string name) => name switch
    {
        "sma" => new Sma(20),
        "ema" => new ExponentialAverage(20),
        "wma" => new Wma(14),
        "kama" => new Kama(10, 2, 30),
        "rsi" => new Rsi(14),
        "macd" => new Macd(12, 26, 9),
        "atr" => new Atr(14),
        "bollinger" => new Bollinger(20, 2.0),
        "donchian" => new Donchian(20),
        "keltner" => new Keltner(20, 10, 2.0),
        "adx" => new Adx(14),
        "stochastic" => new Stochastic(14, 3, 3),
        "fisher" => new Fisher(10),
        "vwap" => new Vwap(),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
