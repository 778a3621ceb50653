"""Passports and permits to travel in Chinese text: what a number is the number of.

A value of one of their forms is a paper where anything in the text speaks of people, of travel or
of identity, unless the word right before it names another thing: 旅客张三E12345678, 型号E12345678.

Source: Own; the forms of the National Immigration Administration.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.fields import column, field
from lingqu.govern.privacy.names_zh import names
from lingqu.govern.privacy.rules import before, counts, feared

SERIES = re.compile(r"(?:E[A-HJ-NP-Z]?|[DSP]E?|G|MA|KJ)\d{7,8}", re.IGNORECASE)
"""The series of Chinese passports, of the mainland first."""
PERMITS = re.compile(r"[HM]\d{8}(?:\d{2})?|C[A-HJ-NP-Z]\d{7}|[CW]\d{8}", re.IGNORECASE)
_PASSPORT = re.compile(r"护照|passport|(?<![A-Za-z])pp[t]?(?![A-Za-z])", re.IGNORECASE)
_PERMIT = re.compile(
    r"通行证|回乡[证卡]|港澳[居证]|往来港澳|双程证|单程证|来往内地|台胞证|往来台湾|(?<![A-Za-z])(?:eep|hkmo|mtp)"
    r"(?![A-Za-z])|home[ _-]?(?:return|visit)|travel[ _]?permit",
    re.IGNORECASE,
)
_TAIWAN = re.compile(r"(?:台胞证|来往大陆通行证|往来台湾通行证)[^0-9A-Za-z，。；]{0,8}$")
_REGION = re.compile(
    r"香港|澳门|港澳|[赴去往返抵离]港|[赴去往返抵离]澳|珠海|深圳|罗湖|福田|皇岗|拱北|横琴|落马洲|莲塘|"
    r"西九龙|九龙|港珠澳|关闸|口岸|过关|签注|hong ?kong|maca[ou]",
    re.IGNORECASE,
)
_PAPER = re.compile(r"证件|证号|旅行证|身份核|实名|有效证|持证|人证|护照|通行证|证[:：]")
_GOES = re.compile(
    r"旅客|乘客|乘机|乘车|乘船|登船|登机|值机|机票|船票|车票|出票|订票|购票|票务|航司|航空|航班|"
    r"邮轮|出行|游客|旅游|旅行|团员|领队|导游|签证|签注|出境|入境|过境|出入境|出国|回国|来华|"
    r"过关|通关|边检|海关|口岸|使馆|领馆|领事|移民|入住|住客|住宿|房客|前台|酒店|宾馆|民宿|"
    r"外宾|外籍|外国|国籍|境外|海外|留学|访客|访问学者|前往|免税|退税|遣返|偷渡|签发|换发|补发|"
    r"临时证|停留|居留|备案|申根|落地签|照片页|信息页|资料页|首页|尾页|芯片|机读|航站|安检|"
    r"闸机|闸口|passenger|guest|visa"
)
"""What is said of people who travel."""
_PEOPLE = re.compile(
    r"姓名|本人|客人|客户|居民|同胞|持有?人|[用凭持]|申请人|当事人|嫌疑人|失主|失物|捡到|拾到|"
    r"遗失|丢失|挂失|补办|身份|员工|同事|学生|学员|家属|配偶|先生|女士|小姐|老师|护|证|办卡|"
    r"开户|登记|名单|预订人|[租住]客|接龙|报名|同行|[我他她你您咱]|[爸妈父母妻夫儿女]|太太|老[公婆人]|孩子|亲戚|朋友|"
    r"阿姨|叔叔|[姐哥弟妹爷奶姑舅姨嫂]|name"
)
_ABROAD = re.compile(
    r"外宾|外籍|外国|境外|海外|国籍|籍(?:旅客|乘客|人士|男|女|员工|教)|使馆|领馆|签证|美国|英国|"
    r"德国|法国|日本|韩国|加拿大|澳大利亚|印度|新加坡|俄罗斯|留学生|外教|外商|入境卡|申根"
)
"""Where a passport of another country is likely."""
_CODE = r"(?:号码|编号|编码|代码|代号|号|码|牌|id|no\.?)"
_THING = re.compile(
    r"(?:(?:(?<![名清])单|票|航班|车次|班次|列车|座位?|舱[位房]?|型|款|零件|部件|配件|备件|货柜|"
    r"集装箱|货|柜|箱|批次?|图纸?|图书|索书|书|合同|协议|发票|会员卡?|贵宾卡|积分卡|储值卡|房卡|"
    r"门禁卡|订座|行李牌?|牌|团|项目|案件?|文件|档案|设备|机器|序列|产品|商品|样品|样本|标本|展品|"
    r"许可证?|执照|驾驶证|驾照|房产证|产权证|毕业证|学位证|资格证|准考证|学籍|行驶证|登记证|"
    r"保[单险]|(?:学生|工作|记者|会员|结婚|离婚|产权|残疾|老年|退休|军官|工程师)证|耗材|固件|收据|凭证|邮编|学|工|考|房间?|门牌|流水|船|航次|车厢|提货|快递|物流|券|模块|主板|"
    r"芯片|电池|版本?|药品?|准字|条码|库位|货架|档|卷|储物柜|停车[位卡]?|车位|展位|机位|专利|"
    r"标准|课程|错误|报错|异常|故障|(?:错误|设备|商户|商品|产品|状态|提取|兑换|邀请|激活)码|第|码头|泊位|仓|库存?|楼栋|表格?|探头|传感器|电缆|零|料|物料|工单|任务|请求|回执|包裹|pnr|sku|"
    r"order|flight|part|model|ticket|booking|seat|gate|room|serial|batch|lot|ref|tracking)"
    rf"{_CODE}?|(?:确认|预约|预订|注册|登记|申请|受理|申报|备案|报名|订阅|查询|取件|验证|编组|"
    rf"追踪|参考|交易|支付|缴费){_CODE}|(?<![证照件卡])编[号码])\s*(?:是|为|[:：#＃=（(-])?\s*[\"'“「]?$",
    re.IGNORECASE,
)
"""Other things that such a number may be of."""
_OTHER_COLUMN = re.compile(
    r"order|flight|part|model|ticket|booking|seat|gate|room|serial|batch|\blot\b|\bref|tracking|"
    r"sku|product|goods|pnr|parcel|订|票|航班|车次|座|型|货|批|单|流水|合同|房|设备|产品|商品"
)
_PAPER_COLUMN = re.compile(r"证|照|passport|\bppt?\b|permit|\bdoc|\bid\b|card|cert|identity|paper")
_LABEL = re.compile(
    r"(?:证件?|护照|照)(?:上|里)?(?:的)?(?:号码?|编号|No\.?)?(?:是|为|写的是|[:：#]|\s)*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:护照|[证照件本])[，,：:、（( ]\s*编?号码?(?:为|是|[:：])?\s*$")
"""Behind a paper and a comma, its number has no other name."""
_PAPER_OVER = re.compile(r"证|照|passport|\bppt\b|\bdoc")
_NEAR_LABEL = re.compile(r"证件号?[码编]?号?[^0-9A-Za-z。；\n]{0,12}$")
_BREAK = re.compile(r"[。；;\n！!？?]")


def paper(text: str, start: int, end: int) -> str:
    """Return which paper a number of such a form is of; nothing where it is none.

    Example:
        >>> paper("领队：张三 E12345678", 6, 15), paper("旅客的箱子型号E12345678", 7, 16)
        ('passport', '')
        >>> paper("罗湖过关用C12345678", 5, 14), paper("货柜C12345678在香港", 2, 11)
        ('travel_permit', '')
    """
    if _NUMBERED.search(before(text, start)) is None and (
        feared(text, start) or _THING.search(before(text, start)) is not None
    ):
        return ""
    name = field(text, start) or column(text, start)
    labelled = _PAPER_COLUMN.search(name) is not None if name else False
    if name and not labelled and _OTHER_COLUMN.search(name) is not None:
        return ""
    value = text[start:end]
    if value.isdigit():
        return _digits(text, start, end, _PAPER_OVER.search(name or "") is not None)
    if value[0] in "TLtl" and _TAIWAN.search(before(text, start, 40)) is not None:
        return "travel_permit"
    if PERMITS.fullmatch(value) is not None:
        return _permit(text, start, end, labelled)
    if SERIES.fullmatch(value) is not None:
        told = labelled or any(cue.search(text) for cue in (_PAPER, _PASSPORT, _GOES, _PEOPLE))
        told = told or next(names(text), None) is not None
        return "passport" if told and not counts(text, start, end) else ""
    return _foreign(text, start, labelled)


def _kinds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return how near a passport and a permit are spoken of, before a place or right behind it."""
    head = before(text, start, 90)
    found = []
    for cue in (_PASSPORT, _PERMIT):
        near = max((match.end() for match in cue.finditer(head)), default=-1)
        found.append(near)
    if max(found) < len(head) - 12:
        behind = text[end : end + 18]
        stop = _BREAK.search(behind)
        behind = behind[: stop.start()] if stop else behind
        for place, cue in enumerate((_PASSPORT, _PERMIT)):
            if cue.search(behind) is not None and not _next(behind):
                found[place] = len(head)
    return found[0], found[1]


def _next(behind: str) -> bool:
    """Say whether another number follows at once, to which what is said then belongs."""
    match = re.search(r"[0-9A-Z]{8}", behind)
    cue = _PASSPORT.search(behind) or _PERMIT.search(behind)
    return match is not None and cue is not None and match.start() > cue.start()


def _permit(text: str, start: int, end: int, labelled: bool) -> str:
    """Tell permits from passports of the same form: by the nearer word, else by the places."""
    if counts(text, start, end):
        return ""
    passport, permit = _kinds(text, start, end)
    if passport > permit:
        return "passport"
    if permit >= 0 or _PERMIT.search(text) is not None:
        return "travel_permit"
    region, people = _REGION.search(text), _PEOPLE.search(text)
    goes = _GOES.search(text) is not None or _PAPER.search(text) is not None
    if region is not None and (goes or people is not None or next(names(text), None)):
        return "travel_permit"
    if _PASSPORT.search(text) is not None or (goes and _ABROAD.search(text) is not None):
        return "passport"
    held = text[start - 1 : start] in ("持", "凭") and people is not None
    return "travel_permit" if goes or labelled or held else ""


def _foreign(text: str, start: int, labelled: bool) -> str:
    """Say whether a number of letters and digits is a passport of another country."""
    near = _PASSPORT.search(before(text, start, 90)) is not None
    if labelled or near or _PASSPORT.search(text) is not None or _LABEL.search(text[:start]):
        return "passport"
    told = _ABROAD.search(text) is not None or _PAPER.search(text) is not None
    return "passport" if told and _GOES.search(text) is not None else ""


def _digits(text: str, start: int, end: int, labelled: bool) -> str:
    """Say whether digits alone are a passport, or a permit of a resident of Taiwan."""
    head = before(text, start, 90)
    if end - start != 9:
        return "travel_permit" if _TAIWAN.search(head) is not None else ""
    if counts(text, start, end):
        return ""
    if _PASSPORT.search(head) is not None or _PASSPORT.search(text, end, end + 16):
        return "passport"
    if labelled and any(cue.search(text) for cue in (_PASSPORT, _GOES, _PEOPLE)):
        return "passport"
    if _NEAR_LABEL.search(head) is not None and _GOES.search(text) is not None:
        return "passport"
    told = _LABEL.search(head) is not None or head[-1:] in "，,：:（( \t/|是为写报"
    return "passport" if told and _ABROAD.search(text) and _speaks(text) else ""


def _speaks(text: str) -> bool:
    return _GOES.search(text) is not None or _PAPER.search(text) is not None
