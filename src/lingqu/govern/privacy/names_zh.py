"""Names of people in Chinese text, by surname, characters of given names and what stands around.

A name has no form of its own: 方正 is a typeface, 高峰 a peak, 成都 a city. So three things are
weighed: what stands before (a role such as 患者, a word such as 我叫, or nothing at all), what the
given name is made of, and what follows.

Source: Own lists and rules. The surnames are the most frequent of the census of 2020 (Ministry of
Public Security, report on names); the rest was written down from general knowledge of the language.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.lists_zh import CITIES
from lingqu.govern.privacy.secrets import Found

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁"
    "岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟"
    "艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄"
    "丛仲虞敖巩明佘池查麻苑迟邝萧傅蔺奚豆肇濮郜宓樊蔚贝水花常诸祖谈糜嵇"
)
COMPOUND = (
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|宇文|长孙|南宫|端木|轩辕|钟离|独孤|东郭|西门|百里|呼延|"
    "澹台|申屠|太史|闻人|公冶|淳于|单于|赫连|拓跋|完颜"
)
WORDY = frozenset(
    "和向时应单项成车路常万安关于方高金白黄温水文平明全连师商简管解阳农查花祖谈和华曲房游包左宁尚古边党费席米景童盛章季兰祝"
    "关任何马江石田叶云严段史顾曾许余付雷龙康施文牛易伍毛陆夏林谷单申纪宫贝蓝麦沙荣迟豆麻池"
)
"""Surnames that more often begin a word."""
_NAMELY = frozenset(
    "伟芳娜秀敏娟涛霞芬玲桂婷琳莉彬斌鹏杰浩轩涵梓睿怡欣颖萍燕凤珍莹倩雯琪瑶瑜璐蕾薇蓉菲岚媛妍嫣娇姗姝婉娴淑慧琴菊翠霖霏峰磊艳勇"
    "辉凯旭坤昊瀚铭锋鑫焱烨煜炜炳烁焕沛淼淳澜浚潇翔宏鸿俊晖晓晨曦昕昱昭晴珊珠琦琨瑾璇瑛琛琼璟玮珂玥莎莲芸茜茹苒芷萱蓓蔓芮菁楠桐"
    "榕桦婧妮妤姣娅婵娥宸宛彦彪彤恺懿沁泓滢漪皓祥祺禹筠绮翰翊羽骏骞麒麟峻嵩帆巍忠廷沐湘熙玉兰英荣勤贵梅庆德志建国华军刚强雅思"
    "佳嘉诗静雪春花秋红霞丽娣宁豪博泽宇子涵一鸣国栋文武向东光耀少波小明瑞佑祐巧雨怀恩莺立新建学永福祥素美晗梦悦韵菡桃杏棠芊芙荔桑栩钰"
    "钧锦锐钊镇杨飞清芹虹仪毅韬宜珂璞晔晟晏暄妤奕逸恬溪沂淇滟漩瀚洋航帅舟扬川"
)
"""Characters that make a name likely, where nothing else says so."""
TYPICAL = _NAMELY | frozenset(
    "伟芳娜秀敏静丽磊艳娟涛霞超芬玲桂兰婷雪琳梅莉彬斌鹏杰浩宇轩涵梓睿怡欣颖萍燕凤珍莹倩雯琪瑶瑜璐蕾薇蓉菲岚媛妍嫣娇姗姝婉娴淑慧"
    "洁琴菊翠香云霖霏峰勇刚强军建国辉志洋凯旭坤昊哲瀚铭锋钢鑫森焱炎烨煜炜灿炳烁焕泽沛洁淼淳澜波涌浚潇翔飞宏宁振鸿博达豪俊杰健"
    "康亮晖晓晨曦昕昱昭晴晶智斯诗思佳嘉佩珊珠瑞琦琨瑾璇瑛琛琼璟玮珂玥玉莎荣莲芝芸茜茹苒芷萱蓓蔓若芮菁萌楠桐柏栋梁樱榕桦柳"
    "婧妮妤妹姣娅婵嫦嫒娥娣孝孟宝庆德诚诺谦谊诣询译谨谕宸宛宜宣容宾彦彪彤彰律循徽惠恩恺悦惟愉慎懿毅永汉沁泓泉洪源清滨滢漫漪"
    "皓盈盛真睦祥祺福禄禧禹秋稷竹笛筠维绍绮绪继缘羽耀聪胜艺艾苗英茂荷菱葵蒙蓝薛虹衡裕豫贤贵赫跃轶辰远迪逸遥邦郁钦钧铃铁锐锦镇阳"
    "雅雄霄韬韵顺颂颢颜驰骏骞魁鸣鹤鹰麒麟龙岩岭嵩崇峻川巍帆帅希广廷弘彩影徐忠怀恒悠承抒拓捷政敬斐昌春显景智暄暖朗朝朵权松林枫"
    "柔柯栩桃棋棠楚槿歌民汝江沐沙沫沅泰津浦海涓润涯湘湛溪溢滔澄瀛灵炫炯然熙燃爱牧献玺珈珏珺琰琬琮瑄瑗瑟瑾璞甜甫申畅畹益碧磬礼祎"
    "祐祖祯禾秉秦程竣笑筱简粤素紫红纯纶绣罡翊翎翰耘肖舒良芃苏苑范茗茵荃莘菡萧葆葳蕊蕙蕴藜行衍裴覃言誉语豆贝赞越超跃辛达运进连迅通"
    "道邵郎采金钊钰钱银铎铮锟锡镕长门问闻阅陶隆青靖鞠音章顾颉风飒馨骥高鲁鸥鹃鹂黎齐龄可一丁万三世中丹义之乐乔书云亚仁今仙仪仲任伊"
    "伍优会伦伯佐余佑作依侠保信俐修倚偲偲倍偕元光克全公兴典冀冬冰凌凡凤凝初利力功加劲励劭勤勋化北千升华协南卉卓厚双启吉同君吟周和"
    "品善喜喆嘉园圆圣在均坚培基堂增士壮夏多天太奇奕好如妙始姿威娉子存孜孟学安定宗实宵家富寅寒寿小少尚尧尹展岐岳峥嵘"
    "巧雨明天向路里和同名声歌舞仙山水月日星云河海湖洲洋草木土火午未申酉戌亥子丑寅卯辰巳甲乙丙丁戊己庚辛壬癸麗惜忆念盼望梦归来进前后方正直"
    "航舟舰扬帅骁骐骅涧涯野原照应能可勉励劼勍匀卿竞章韶寰宥庭廉弛彻微徵忱忻恂恬悌悦惇愈慈挺振据揚攸敦斗斌旦旻旺易昀昂昆昇昌"
    "有发根财旺满兴传淦湖亦以若依希甜果橙暮初南北西乔安锁拴柱臣佃恒保先殿运仓贤喜堂生才富长彬"
    "年岁时春夏秋冬早晚晴雪霜露雾阴风雷电虎豹狮象鹿鹅燕莺雁凰凤石玉珍宝金银铜钢铁信义仁礼智勇温良恭俭让谦和平定治邦兴盛昌隆顺利吉祥如意"
)
"""Characters that given names are made of, however often they stand in words."""
NOT_GIVEN = frozenset(
    "的了着过吗呢吧啊呀么哦您你他她它我们咱这那哪谁是有在把被给对就都也还又再很太最更已没不非别与及或但而且因为所以果虽则等此每各某另吃喝拿打"
    "买卖看听说讲问答写读跑去到个只条件项些块期限费税款账单据册号码证卡额率牌"
)
_STOP = frozenset(
    "的已在是于与及报处先女您你他她我把被说请电手身称从对等因为将要也就联邮办登提反投现并给让使属购买做写收打接签住至须曾未没有自即"
    "应可需来去到和或但若如且则而又再都不用带持与同还昨今明前后早晚刚只正当每经通按由向往往跟能会想找问答因拟系负表抵乘驾开"
)
"""Characters that begin what is said of somebody whose name just ended."""
_FOLLOW = re.compile(
    r"(?:先生|女士|小姐|同学|老师|教授|医生|大夫|护士|经理|主任|主管|总监|师傅|律师|警官|法官|博士|同志|阿姨|叔叔|大爷|奶奶|爷爷|老人|"
    r"院长|校长|处长|科长|局长|书记|队长|班长|组长|董事长|总裁|总经理|教练|导师|学长|学姐|妈妈|爸爸|家长|家属|本人|等人|一行|"
    r"身份|证件|手机|电话|号码|地址|住址|邮箱|微信|性别|年龄|出生|生日|籍贯|民族|学历|毕业|现住|户籍|名下|账户|账号|卡号|护照|车牌|"
    r"男|女|要求|申请|反映|表示|来电|致电|咨询|投诉|举报|报案|报警|预约|购买|付款|退款|转账|汇款|存入|取款|登录|注册|签收|签字|签名|"
    r"入院|出院|入职|离职|请假|加班|调岗|转正|参加|负责|担任|介绍|推荐|提交|填写|上传|下载|发送|回复|确认|核实|同意|拒绝|授权|委托|"
    r"陪同|驾驶|乘坐|遗失|丢失|捡到|失联|走失|死亡|受伤|确诊|主诉|自述|陈述|供述|承认|否认|诉|获|任|今|昨|日前|其|之|这边|那边|"
    r"明天|明日|今天|今日|昨天|昨日|昨晚|上午|下午|晚上|有限|要|代|暂|均|共|无|即|须|应|需|未|也|又|还|仍|正|刚|曾|能|会)"
)
_TITLES = re.compile(
    r"(?:先生|女士|小姐|同学|老师|教授|医生|大夫|护士|经理|主任|主管|总监|师傅|律师|警官|法官|博士|同志|阿姨|大爷|奶奶|爷爷|队长|院长|校长|"
    r"处长|科长|局长|董事长|总经理|教练)"
)
_NAME_CUES = (
    "姓名 名字 真名 全名 曾用名 名叫 叫做 我叫 自称 人称 户名 账户名 联系人 收货人 收件人 寄件人 署名 落款 尊敬的 亲爱的 敬爱的"
).split()
"""After these a name follows, whatever else its characters may mean."""
_ROLE_CUES = (
    "叫 发件人 取件人 取票人 签收人 经办人 负责人 责任人 法定代表人 法人 法人代表 代表 持卡人 开户人 客户 顾客 用户 会员 患者 病人 病患 伤者 "
    "死者 产妇 孕妇 献血者 捐献者 受检者 车主 司机 驾驶人 驾驶员 乘客 旅客 乘车人 乘机人 入住人 客人 住客 住户 户主 业主 房东 房客 租客 "
    "租户 承租人 出租人 学生 学员 考生 新生 员工 职工 雇员 工人 同事 新人 候选人 应聘者 应聘人 求职者 面试者 面试官 实习生 教师 教练 讲师 "
    "主讲 主讲人 主持 主持人 嘉宾 导师 作者 译者 编辑 记者 摄影 摄影师 医生 医师 主治 主治医生 主治医师 护士 药师 律师 法官 检察官 民警 警员 "
    "辅警 警官 家属 亲属 家长 监护人 父亲 母亲 爸爸 妈妈 丈夫 妻子 配偶 老公 老婆 爱人 儿子 女儿 长子 次子 长女 次女 孙子 孙女 外孙 外孙女 "
    "哥哥 弟弟 姐姐 妹妹 叔叔 舅舅 姑姑 男友 女友 朋友 好友 闺蜜 邻居 室友 同学 同乡 同行人 随行人员 陪同 陪同人员 紧急联系人 原告 被告 上诉人 "
    "申请人 被申请人 当事人 嫌疑人 犯罪嫌疑人 被害人 受害人 证人 报案人 报警人 举报人 投诉人 来访人 访客 来电人 致电人 受访人 邀请人 被邀请人 "
    "投保人 被保险人 被保人 受益人 借款人 贷款人 担保人 保证人 债权人 债务人 收款人 付款人 汇款人 转账人 存款人 受托人 委托人 代理人 代办人 "
    "继承人 立遗嘱人 股东 董事 董事长 监事 总经理 经理 主管 总监 秘书 助理 工程师 主任 院长 校长 班长 组长 队长 主席 书记 会计 出纳 财务 采购 "
    "销售 客服 店长 店主 掌柜 卖家 买家 快递员 骑手 配送员 师傅 保洁 保安 管家 甲方 乙方 丙方 委托方 受让方 转让方 签约人 签约代表 见证人 "
    "登记人 填表人 填报人 制表 制表人 审核 审核人 复核 复核人 审批 审批人 批准人 操作员 操作人 值班 值班员 值班人 巡检 记录人 汇报人 发言人 "
    "发起人 提交人 创建人 修改人 归档人 保管人 领用人 领取人 使用人 捐赠人 志愿者 村民 居民 市民 网友 群众 男子 女子 老人 老师 本人 我是 他是 "
    "她是 签名 签字 授权 委托 聘请 任命 通知 转告 联系 请找 找到 问问 感谢 祝贺 寄给 送给 发给 交给 转给 留给 打给 抄送 兹有 现有 变更为 更名为 改为 "
    "联系 之母 之父 之子 之女 先生 女士 账户人 开票人 收票人 接收人 对接人 发货人 提货人 送货人 下单人 预订人 预约人 参会人 与会者 选手 球员 "
    "队员 成员 党员 干部 村长 支书 专员 顾问 设计师 研究员 研究生 博士生 校友 保姆 护工 月嫂 中介 置业顾问 理赔员 查勘员 调解员 书记员 "
    "被执行人 申请执行人 第三人 死因 逝者 亡者 失踪者 走失者 获奖者 中奖人 考官 班主任 辅导员 系 卖方 买方 出让人 受让人 赠与人 受赠人 出借人"
).split()
_WEAK_CUES = (
    "由 请 经 为 是 按 与 和 跟 及 同 向 给 对 找 让 帮 替 见 我 人 @ ＠ 致 送 陪 问".split()
)
_SURE = frozenset(_NAME_CUES)
_ROLES = frozenset(_ROLE_CUES)
_WEAK = frozenset(_WEAK_CUES)
_LAST = "".join(sorted({cue[-1] for cue in (*_NAME_CUES, *_ROLE_CUES, *_WEAK_CUES)}))
_GAP = " \t:：=＝,，、/|｜（([【“\"'『「-—"
_WORDY_PAIRS = frozenset(("东方", "百里", "单于", "长孙", "西门", "太史", "闻人", "完颜"))
_NO_NAME = frozenset("全和时向连单应关于成常路车项平商管师简查解边尚左自费包席")
"""Surnames that begin a word unless a cue says otherwise."""
_LABEL = re.compile(
    r"(?:name|contact|holder|owner|user|customer|patient|sender|receiver|recipient|consignee|dear|"
    r"attn|actor|staff|employee)[\"']?$",
    re.IGNORECASE,
)
_WORDS = {
    "任": "何务意职命凭由教课期用免选", "马": "上路达力克虎桶蹄尾", "程": "序度式", "严": "重格禁厉肃密谨查寒",
    "余": "额下款地生热量温震", "段": "落时位", "陆": "续地军", "史": "上料册实学诗", "毛": "利病巾坯重笔衣线细",
    "莫": "名非大如过", "曾": "经用", "曲": "线目折", "包": "括裹含装子年月邮间厢容", "景": "点区色观象气",
    "费": "用率力劲时心", "席": "位卷间", "连": "接续锁衣通忙带同载云", "简": "介单历化直称体洁易",
    "全": "部体额新国面年天球程市省家员文权能职自民场套日", "房": "屋产间价租东贷源主型门号卡客管", "管": "理道控辖家用线",
    "游": "戏客泳行览轮", "盛": "大况行产夏", "凌": "晨空乱", "左": "右边侧手", "古": "代典老城镇诗今", "宁": "愿可静波夏",
    "顾": "客问虑及", "代": "表码理", "米": "饭粉线", "麦": "克当片田", "党": "员派委校", "齐": "全备鲁", "施": "工行加压肥",
    "华": "为夏东北南西中丽人润", "汤": "类品圆包", "范": "围本文例畴", "江": "南北苏西湖山面边水", "许": "可多久",
    "周": "围期边末一二三四五六日年转到报天", "孙": "子女", "张": "家贴开口力", "林": "业区地场立", "于": "是",
    "高": "级中度速铁校考楼新层清温效低手性价端峰兴山原明尚雅雄", "方": "法式便向面案正程块形言圆太",
    "成": "都为功本立长员果绩分品熟交年人套", "安": "全装排静心卓徽稳检置慰定庆阳康踏宁", "平": "台均安时方米等面常板静凡民",
    "金": "额融属华牌色钱山鱼秋", "白": "天色酒领血癜云银象", "黄": "色金河山瓜油石冈浦昏", "温": "度州馨暖柔泉",
    "水": "平果费电位产泥", "文": "件字章档化本学明科物静艺", "明": "天年显确白细月星智", "时": "间候代常刻",
    "应": "该当用付收急对聘届", "单": "位号价元独纯据子", "项": "目链", "车": "牌辆间站主位票祸险型", "路": "线口由上径过程灯",
    "常": "用见规州务年委德熟", "万": "元一科分事达象", "关": "于系键闭注机税羽", "何": "时处人必况种", "石": "家油头材化英",
    "田": "地径野间", "叶": "子片酸", "云": "南端计服", "夏": "天季令日", "雷": "达雨电锋", "龙": "头虾岩", "康": "复佳",
    "武": "汉器警术", "苏": "州打宁醒", "沈": "阳", "徐": "州家汇", "郑": "州重", "兰": "州花", "宋": "代体朝",
    "唐": "朝代人山诗", "韩": "国语", "秦": "岭皇朝", "钟": "表头点楼", "孔": "子雀径", "向": "您上下前后外内左右来着导日阳",
    "解": "决释除放析锁开答压读说", "和": "平谐睦解好", "查": "询看找收验", "师": "傅范生", "商": "品店家场务标业圈城量",
    "边": "界缘境", "季": "度节", "章": "节程", "蓝": "色牙天", "童": "年装话", "纪": "录念律委检", "祝": "您福大贺愿",
    "尚": "未且可不", "花": "费园店钱生", "申": "请报诉领明", "甘": "肃", "贝": "壳", "谈": "话判", "谷": "歌物雨",
    "宫": "颈", "宗": "教旨", "桂": "林花圆", "农": "业村民历产户场药行", "阳": "台光性历泉春", "司": "机法令", "卫": "生星视",
    "钱": "包财", "梁": "柱", "彭": "湃", "戴": "着上", "付": "款费出清现", "荣": "誉获", "辛": "苦勤", "卓": "越",
    "焦": "虑点急", "乔": "迁丹", "柳": "州", "岳": "父母阳", "尤": "其", "王": "府者牌国子", "李": "子宁", "陈": "述列旧设",
    "杨": "树梅浦", "赵": "县", "吴": "江", "胡": "同椒萝子说乱", "朱": "红", "罗": "列马湖", "谢": "谢绝意", "董": "事",
    "杜": "绝", "丁": "香字", "贾": "平", "丰": "台", "牛": "奶肉", "鱼": "肉", "邹": "城", "鲁": "迅", "伍": "德",
    "冷": "链藏静", "冯": "唐", "艾": "滋", "葛": "根", "滕": "州", "辽": "宁", "海": "口", "湛": "江", "易": "拉燃",
    "明日": "", "关门": "", "温和": "", "洪": "水", "阮": "囊", "柏": "林", "巩": "固", "习": "惯", "屈": "服", "饶": "恕",
    "池": "塘", "苗": "头", "凤": "凰", "车上": "", "樊": "笼", "桑": "拿", "麻": "烦醉将辣", "乐": "观山清", "仇": "恨",
    "游动": "", "屠": "宰", "支": "付持", "牧": "场", "香": "港蕉", "银": "行", "能": "力", "相": "关同", "保": "险护",
}  # fmt: skip
"""Surname → the characters that make a word of it."""
_BRANDS = re.compile(
    r"(?:张裕|周大福|周大生|周六福|金立|马应龙|张小泉|陈克明|江小白|王致和|金利来|方太|康师傅|高德|顾家|温哥华|马德里|罗马|华盛顿|金边|万象|高雄|"
    r"胡庆余|鲁花|全聚德|马来西亚|马尔代夫|马鞍山|石嘴山|张掖|金庸|康熙|黄鹤楼|白云山|向日葵|常春藤|欧莱雅|欧元|古驰|郎酒|宋河|苏泊尔|"
    r"左岸|辛普森|关公|孔明|曹操|诸葛亮|司马迁|包青天|雷锋|贾宝玉|武松|程咬金)"
)
_CANDIDATE = re.compile(
    rf"(?=[{SURNAMES}{''.join(sorted({c[0] for c in COMPOUND.split('|')}))}])"
    rf"(?:(?<![\u4e00-\u9fff])|(?<=[{_LAST}]))"
    rf"(?P<surname>{COMPOUND}|[{SURNAMES}])(?P<given>[\u4e00-\u9fff]{{1,2}})"
)
_DOT = re.compile(r"(?<=[\u4e00-\u9fff])[·•‧](?=[\u4e00-\u9fff]{2})")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,6}(?:[·•‧][\u4e00-\u9fff]{1,6})?")
WHOLE_NAME = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])(?:·)?[\u4e00-\u9fff]{{1,2}}")
"""A cell that holds nothing but a name."""
_BESIDE = re.compile(
    r"[ \t]?[\"”'）)]?[ \t]?[|｜,，:：;；/\t（(]?[ \t]?[\"“]?[+＋(]?(?:[0-9]|[A-Za-z][\w.+-]*@|"
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])"
)
"""A number or an address right behind: names stand beside what reaches people."""


def names(text: str) -> Found:
    """Return the names of people in a Chinese text.

    Example:
        >>> text = "患者张伟，家属李秀英；方正字体已到期"
        >>> [text[a:b] for _, a, b in names(text)]
        ['张伟', '李秀英']
    """
    dotted = _dotted(text)
    for begin, end in dotted:
        yield "name", begin, end
    place = 0
    while (match := _CANDIDATE.search(text, place)) is not None:
        start = match.start()
        if any(begin <= start < end for begin, end in dotted):
            place = start + 1
            continue
        length = _length(text, match)
        place = start + 1
        if length:
            place = match.end("surname") + length
            yield "name", start, place


def _dotted(text: str) -> list[tuple[int, int]]:
    """Return names of two parts with a dot between, as many peoples of China write them."""
    found: list[tuple[int, int]] = []
    for dot in _DOT.finditer(text):
        if found and dot.start() < found[-1][1]:
            continue
        first = dot.start()
        while first > max(0, dot.start() - 9) and "\u4e00" <= text[first - 1] <= "\u9fff":
            first -= 1
        cut = [n for n in range(first, dot.start() - 1) if n > first and _ends_cue(text, first, n)]
        begin = max(cut, default=first)
        tail = _HAN.match(text, dot.end())
        if tail is None or not 2 <= dot.start() - begin <= 5 or text[begin] == "第":
            continue
        ends = [n for n in range(dot.end() + 2, tail.end() + 1) if _told(text, n)]
        found.append((begin, min(ends, default=tail.end())))
    return found


def _ends_cue(text: str, first: int, place: int) -> bool:
    return any(
        text[place - n : place] in _SURE or text[place - n : place] in _ROLES
        for n in range(1, min(7, place - first + 1))
    )


def _told(text: str, place: int) -> bool:
    """Say whether a name may end here."""
    following = text[place : place + 1]
    return (
        not "\u4e00" <= following <= "\u9fff"
        or following in _STOP
        or _FOLLOW.match(text, place) is not None
    )


def _length(text: str, match: re.Match[str]) -> int:
    """Return how many characters the given name has, 0 where there is no name."""
    surname, given = match["surname"], match["given"]
    start, after = match.start(), match.end("surname")
    if given[0] in NOT_GIVEN or _BRANDS.match(text, start):
        return 0
    trust = _trust(text, start)
    if not trust:
        return 0
    word = given[0] in _WORDS.get(surname, "") or text[start : start + 2] in CITIES
    word = (word and trust < 4) or text[start : start + 3] in CITIES
    for length in (2, 1):
        if length <= len(given):
            part = given[:length]
            if word and not (length == 2 and surname not in _NO_NAME and _stands(part, trust)):
                continue
            if part[-1] not in NOT_GIVEN and _good(text, surname, part, after + length, trust):
                return length
    if trust >= 3 and not word and len(given) == 2 and all(char in _NAMELY for char in given):
        return 2
    return 0


def _stands(given: str, trust: int) -> bool:
    """Say whether a given name of two makes a name of what begins like a word: 夏天佑."""
    if given[1] not in _NAMELY:
        return False
    return given[0] in _NAMELY or (trust >= 3 and given[0] in TYPICAL)


def _trust(text: str, start: int) -> int:
    """Return how much speaks for a name in front: 4 a cue, 3 a role, 2 a weak word, 1 nothing.

    0 means that the candidate stands inside a word.
    """
    place = start
    while place and start - place < 4 and text[place - 1] in _GAP:
        place -= 1
    glued = place == start
    for length in (4, 3, 2, 5, 1, 6):
        cue = text[place - length : place] if place >= length else ""
        if cue in _SURE:
            return 4
        if cue in _ROLES:
            return 3 if glued or not set(text[place:start]) & set("、,，/-—") else 2
        if cue in _WEAK and glued:
            return 2
    if glued and place and "\u4e00" <= text[place - 1] <= "\u9fff":
        return 0
    return 3 if place and _LABEL.search(text[max(0, place - 12) : place]) else 1


def _good(text: str, surname: str, given: str, end: int, trust: int) -> bool:
    """Say whether given name and right side fit what stands in front."""
    following = text[end : end + 1]
    bounded = not "\u4e00" <= following <= "\u9fff"
    if not _told(text, end):
        return False
    plausible = all(char in TYPICAL for char in given)
    namely = sum(char in _NAMELY for char in given)
    plain = surname not in WORDY and surname not in _WORDY_PAIRS
    if _TITLES.match(text, end) and (plausible or plain):
        return True
    if trust == 4:
        return True
    if trust == 3:
        return plain or (plausible and namely >= 1)
    if not plausible:
        return False
    if trust == 2:
        return namely == 2 or (namely == 1 and plain) or (plain and len(given) == 2)
    if bounded:
        if _BESIDE.match(text, end):
            return plain or namely >= 1
        return (namely >= 1 and plain) or (len(given) == 2 and namely == 2)
    return namely == len(given) and (plain or len(given) == 2)
