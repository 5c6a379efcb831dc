# States of Yao, asked line by line: `eigen_driver/engines/yao.py` writes to the standard input and reads from the
# standard output. Words are apart by spaces, lists by commas; qubits count from 0 and qubit 0 is the least significant bit.
#
#     new ID QUBITS               every qubit in 0                                  no answer
#     copy ID OTHER               another one, called OTHER                         no answer
#     free ID                     it is not needed any more                         no answer
#     apply ID QUBITS NUMBERS     a matrix, row by row, real and imaginary parts    no answer
#     project ID QUBIT OUTCOME    what is left once the qubit was found so          no answer
#     one ID QUBIT                the probability of finding it in 1
#     draw ID QUBITS SHOTS SEED   OUTCOME:COUNT ..., bit k of an outcome is that of the k-th of the qubits
#     mean ID FACTORS             the expectation value of a product such as X0,Z2
#     probability ID INDEX        of one outcome of all qubits
#
# The first line written is `yao`, the version of Yao and that of Julia. An answer begins with `ok` or `error`; what went
# wrong where nothing is answered is told with the next answer.
using Random: Xoshiro
using Yao

const STATES = Dict{String,Any}()

numbers(text) = [parse(Int, word) for word in split(text, ',')]
amplitudes(register) = view(state(register), :, 1)
has_bit(index, qubit) = (index >> qubit) & 1 == 1

function act_on!(register, qubits, matrix)
    places = Tuple(qubit + 1 for qubit in qubits)
    apply!(register, put(nqubits(register), places => matblock(matrix)))
end

function act_with!(register, qubits, text)
    parts = [parse(Float64, word) for word in split(text, ',')]
    size = 1 << length(qubits)
    values = [complex(parts[2k-1], parts[2k]) for k in 1:size*size]
    act_on!(register, qubits, permutedims(reshape(values, size, size)))
end

function odds_of_one(register, qubit)
    found = amplitudes(register)
    sum((abs2(found[k]) for k in eachindex(found) if has_bit(k - 1, qubit)); init = 0.0)
end

function keep_only!(register, qubit, outcome)
    found, odds = amplitudes(register), odds_of_one(register, qubit)
    weight = sqrt(outcome == 1 ? odds : 1.0 - odds)
    for k in eachindex(found)
        found[k] = has_bit(k - 1, qubit) == (outcome == 1) ? found[k] / weight : 0.0
    end
end

function counts_of(register, qubits, shots, seed)
    odds = zeros(1 << length(qubits))
    for (place, amplitude) in enumerate(amplitudes(register))
        outcome = 0
        for (k, qubit) in enumerate(qubits)
            outcome |= Int(has_bit(place - 1, qubit)) << (k - 1)
        end
        odds[outcome+1] += abs2(amplitude)
    end
    ends, random, counts = cumsum(odds), Xoshiro(seed), Dict{Int,Int}()
    for _ in 1:shots
        outcome = min(searchsortedlast(ends, rand(random) * ends[end]), length(ends) - 1)
        counts[outcome] = get(counts, outcome, 0) + 1
    end
    join(("$outcome:$times" for (outcome, times) in counts), " ")
end

const LETTERS = Dict(
    'X' => ComplexF64[0 1; 1 0],
    'Y' => ComplexF64[0 -im; im 0],
    'Z' => ComplexF64[1 0; 0 -1],
)

function mean_of(register, factors)
    image = copy(register)
    for factor in factors
        act_on!(image, [parse(Int, factor[2:end])], LETTERS[factor[1]])
    end
    real(sum(conj.(amplitudes(register)) .* amplitudes(image)))
end

function answer_to(words)
    name, id = words[1], words[2]
    if name == "new"
        STATES[id] = zero_state(ComplexF64, parse(Int, words[3]))
        return nothing
    elseif name == "free"
        delete!(STATES, id)
        return nothing
    end
    register = STATES[id]
    if name == "one"
        return odds_of_one(register, parse(Int, words[3]))
    elseif name == "draw"
        return counts_of(register, numbers(words[3]), parse(Int, words[4]), parse(UInt64, words[5]))
    elseif name == "mean"
        return mean_of(register, split(words[3], ','))
    elseif name == "probability"
        return abs2(amplitudes(register)[parse(Int, words[3])+1])
    elseif name == "copy"
        STATES[words[3]] = copy(register)
    elseif name == "apply"
        act_with!(register, numbers(words[3]), words[4])
    elseif name == "project"
        keep_only!(register, parse(Int, words[3]), parse(Int, words[4]))
    else
        error("there is no command `$name`")
    end
    return nothing
end

function serve()
    println("yao $(pkgversion(Yao)) $VERSION")
    flush(stdout)
    failed = ""
    for line in eachline(stdin)
        words = split(line, ' ')
        asked = words[1] in ("one", "draw", "mean", "probability")
        found = nothing
        try
            found = isempty(failed) ? answer_to(words) : nothing
        catch failure
            failed = replace(sprint(showerror, failure), r"\s+" => " ")
        end
        if asked
            println(isempty(failed) ? "ok $found" : "error $failed")
            flush(stdout)
            failed = ""
        end
    end
end

serve()
