using System.Collections.Generic;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Snapshots;

/// <summary>The name of a strategy.</summary>
public sealed class PortableName
{
    private string _name = string.Empty;

    /// <summary>The name.</summary>
    public string Name { get => _name; set => _name = value; }

    internal void Walk(FieldWalk walk, int nameMax)
    {
        walk.Map(1);
        walk.Text("name", ref _name, nameMax);
    }
}

/// <summary>Cash of one currency.</summary>
public sealed class PortableCash
{
    private string _currency = string.Empty;
    private long _amount;

    /// <summary>Its code.</summary>
    public string Currency { get => _currency; set => _currency = value; }

    /// <summary>Money units.</summary>
    public long Amount { get => _amount; set => _amount = value; }

    internal void Walk(FieldWalk walk)
    {
        walk.Map(2);
        walk.Text("currency", ref _currency, 8);
        walk.Number("amount", ref _amount);
    }
}

/// <summary>A position.</summary>
public sealed class PortablePosition
{
    private long _instrument;
    private long _quantity;
    private long _cost;
    private long _realised;
    private long _fees;
    private long _executions;

    /// <summary>Instrument number.</summary>
    public long Instrument { get => _instrument; set => _instrument = value; }

    /// <summary>Quantity units, signed.</summary>
    public long Quantity { get => _quantity; set => _quantity = value; }

    /// <summary>Money units paid for what is open.</summary>
    public long Cost { get => _cost; set => _cost = value; }

    /// <summary>Money units won by closing.</summary>
    public long Realised { get => _realised; set => _realised = value; }

    /// <summary>Money units of fees.</summary>
    public long Fees { get => _fees; set => _fees = value; }

    /// <summary>Executions folded.</summary>
    public long Executions { get => _executions; set => _executions = value; }

    internal void Walk(FieldWalk walk)
    {
        walk.Map(6);
        walk.Number("instrument", ref _instrument);
        walk.Number("quantity", ref _quantity);
        walk.Number("cost", ref _cost);
        walk.Number("realised", ref _realised);
        walk.Number("fees", ref _fees);
        walk.Number("executions", ref _executions);
    }
}

/// <summary>A strategy's part of a position.</summary>
public sealed class PortablePart
{
    private string _strategy = string.Empty;
    private long _instrument;
    private long _quantity;
    private long _cashFlow;
    private long _fees;
    private long _fills;

    /// <summary>Name of the strategy; empty for the house.</summary>
    public string Strategy { get => _strategy; set => _strategy = value; }

    /// <summary>Instrument number.</summary>
    public long Instrument { get => _instrument; set => _instrument = value; }

    /// <summary>Quantity units, signed.</summary>
    public long Quantity { get => _quantity; set => _quantity = value; }

    /// <summary>Money units received minus paid.</summary>
    public long CashFlow { get => _cashFlow; set => _cashFlow = value; }

    /// <summary>Money units of fees.</summary>
    public long Fees { get => _fees; set => _fees = value; }

    /// <summary>Executions that had a part for it.</summary>
    public long Fills { get => _fills; set => _fills = value; }

    internal void Walk(FieldWalk walk, int nameMax)
    {
        walk.Map(6);
        walk.Text("strategy", ref _strategy, nameMax);
        walk.Number("instrument", ref _instrument);
        walk.Number("quantity", ref _quantity);
        walk.Number("cashFlow", ref _cashFlow);
        walk.Number("fees", ref _fees);
        walk.Number("fills", ref _fills);
    }
}

/// <summary>An order that was alive.</summary>
public sealed class PortableOrder
{
    private long _id;
    private ulong _venueHigh;
    private ulong _venueLow;
    private long _price;
    private long _quantity;
    private long _filled;
    private long _pendingPrice;
    private long _pendingQuantity;
    private long _createdAt;
    private long _instrument;
    private string _owner = string.Empty;
    private long _side;
    private long _timeInForce;
    private long _flags;

    /// <summary>Its packed id.</summary>
    public long Id { get => _id; set => _id = value; }

    /// <summary>Upper half of the venue's id.</summary>
    public ulong VenueHigh { get => _venueHigh; set => _venueHigh = value; }

    /// <summary>Lower half of the venue's id.</summary>
    public ulong VenueLow { get => _venueLow; set => _venueLow = value; }

    /// <summary>Price units.</summary>
    public long Price { get => _price; set => _price = value; }

    /// <summary>Total quantity.</summary>
    public long Quantity { get => _quantity; set => _quantity = value; }

    /// <summary>Filled by its executions.</summary>
    public long Filled { get => _filled; set => _filled = value; }

    /// <summary>Price that an amendment asks for; 0 for none.</summary>
    public long PendingPrice { get => _pendingPrice; set => _pendingPrice = value; }

    /// <summary>Quantity that an amendment asks for; 0 for none.</summary>
    public long PendingQuantity { get => _pendingQuantity; set => _pendingQuantity = value; }

    /// <summary>ReceivedAt of the event that made it.</summary>
    public long CreatedAt { get => _createdAt; set => _createdAt = value; }

    /// <summary>Instrument number.</summary>
    public long Instrument { get => _instrument; set => _instrument = value; }

    /// <summary>Name of the strategy whose lane it is in; empty for the house.</summary>
    public string Owner { get => _owner; set => _owner = value; }

    /// <summary>1 buy, 2 sell.</summary>
    public long Side { get => _side; set => _side = value; }

    /// <summary>By its number.</summary>
    public long TimeInForce { get => _timeInForce; set => _timeInForce = value; }

    /// <summary>By their bits.</summary>
    public long Flags { get => _flags; set => _flags = value; }

    internal void Walk(FieldWalk walk, int nameMax)
    {
        walk.Map(14);
        walk.Number("id", ref _id);
        walk.Word("venueHigh", ref _venueHigh);
        walk.Word("venueLow", ref _venueLow);
        walk.Number("price", ref _price);
        walk.Number("quantity", ref _quantity);
        walk.Number("filled", ref _filled);
        walk.Number("pendingPrice", ref _pendingPrice);
        walk.Number("pendingQuantity", ref _pendingQuantity);
        walk.Number("createdAt", ref _createdAt);
        walk.Number("instrument", ref _instrument);
        walk.Text("owner", ref _owner, nameMax);
        walk.Number("side", ref _side);
        walk.Number("timeInForce", ref _timeInForce);
        walk.Number("flags", ref _flags);
    }
}

/// <summary>An instrument and its market.</summary>
public sealed class PortableInstrument
{
    private long _instrument;
    private string _symbol = string.Empty;
    private string _currency = string.Empty;
    private long _tick;
    private long _lot;
    private long _minQuantity;
    private long _maxQuantity;
    private long _minNotional;
    private long _multiplier;
    private long _definitionVersion;
    private long _kind;
    private long _priceExponent;
    private long _quantityExponent;
    private long _status;
    private long _updateId;

    /// <summary>Instrument number.</summary>
    public long Instrument { get => _instrument; set => _instrument = value; }

    /// <summary>Its symbol.</summary>
    public string Symbol { get => _symbol; set => _symbol = value; }

    /// <summary>Its currency.</summary>
    public string Currency { get => _currency; set => _currency = value; }

    /// <summary>Price units.</summary>
    public long Tick { get => _tick; set => _tick = value; }

    /// <summary>Quantity units.</summary>
    public long Lot { get => _lot; set => _lot = value; }

    /// <summary>Quantity units.</summary>
    public long MinQuantity { get => _minQuantity; set => _minQuantity = value; }

    /// <summary>Quantity units.</summary>
    public long MaxQuantity { get => _maxQuantity; set => _maxQuantity = value; }

    /// <summary>Money units.</summary>
    public long MinNotional { get => _minNotional; set => _minNotional = value; }

    /// <summary>Contract multiplier.</summary>
    public long Multiplier { get => _multiplier; set => _multiplier = value; }

    /// <summary>Version of the definition.</summary>
    public long DefinitionVersion { get => _definitionVersion; set => _definitionVersion = value; }

    /// <summary>By its number.</summary>
    public long Kind { get => _kind; set => _kind = value; }

    /// <summary>Decimal digits.</summary>
    public long PriceExponent { get => _priceExponent; set => _priceExponent = value; }

    /// <summary>Decimal digits.</summary>
    public long QuantityExponent { get => _quantityExponent; set => _quantityExponent = value; }

    /// <summary>Trading status by its number.</summary>
    public long Status { get => _status; set => _status = value; }

    /// <summary>Last update of the book.</summary>
    public long UpdateId { get => _updateId; set => _updateId = value; }

    /// <summary>Levels: side, price, quantity in turn.</summary>
    public List<long> Book { get; } = [];

    /// <summary>Bid price and quantity, ask price and quantity; empty for none.</summary>
    public List<long> Quote { get; } = [];

    internal void Walk(FieldWalk walk)
    {
        walk.Map(17);
        walk.Number("instrument", ref _instrument);
        walk.Text("symbol", ref _symbol, 24);
        walk.Text("currency", ref _currency, 8);
        walk.Number("tick", ref _tick);
        walk.Number("lot", ref _lot);
        walk.Number("minQuantity", ref _minQuantity);
        walk.Number("maxQuantity", ref _maxQuantity);
        walk.Number("minNotional", ref _minNotional);
        walk.Number("multiplier", ref _multiplier);
        walk.Number("definitionVersion", ref _definitionVersion);
        walk.Number("kind", ref _kind);
        walk.Number("priceExponent", ref _priceExponent);
        walk.Number("quantityExponent", ref _quantityExponent);
        walk.Number("status", ref _status);
        walk.Number("updateId", ref _updateId);
        walk.Numbers("book", Book, 3 * 2 * Limits.BookLevels);
        walk.Numbers("quote", Quote, 4);
    }
}
